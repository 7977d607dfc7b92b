-- What a person was told: for who asks what is held of them.
CREATE INDEX notice_of_person ON epay.notice (person_id, notice_id);
