-- A break that stands for several payments says what is left of them: some were seen, or more came to be missing with them.
GRANT UPDATE (difference_minor, expected) ON recon.break TO epay_service;
