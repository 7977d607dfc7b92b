//! The contract itself.

use jiff::Timestamp;

use crate::{
    Acknowledgement, Call, Decoded, Door, FileReader, Genuine, Inbound, NotGenuine, Order,
    Outbound, PrintedCode, Profile, Refusal, Unreadable, UnreadableKind, Unverified,
};

/// A payment rail: a pure codec with a profile.
///
/// All methods are deterministic: the same argument gives the same answer, on any day.
pub trait Rail: Send + Sync + core::fmt::Debug + 'static {
    /// What this rail can do, and within which limits.
    fn profile(&self) -> &Profile;

    /// An order in the rail's own words.
    ///
    /// # Errors
    /// A [`Refusal`] when the rail cannot carry the order. It means that certainly nothing was sent.
    fn encode(&self, order: &Order) -> Result<Outbound, Refusal>;

    /// Most bills that one payment to this payee pays.
    fn bills_max(&self, payee: &str) -> u32 {
        let _unused = payee;
        u32::MAX
    }

    /// The text of the code that is printed on a bill, where payers of this rail scan one from paper. It names the bill and
    /// no attempt of ours: what comes for it is matched by the bill's number.
    ///
    /// # Errors
    /// A [`Refusal`] when this bill cannot be paid by such a code.
    fn printed(&self, code: &PrintedCode) -> Result<Option<String>, Refusal> {
        let _unused = code;
        Ok(None)
    }

    /// What the rail told us: a notice, a reply, a callback or a statement.
    ///
    /// # Errors
    /// [`Unreadable`] when nothing in the message can be read: it is kept and quarantined whole. A message
    /// with some readable entries is `Ok`; its bad entries are in [`Decoded::unreadable`].
    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable>;

    /// Whether a message is genuine, by the rail's own proof. It is asked before the message is stored. Without an own
    /// proof an answer to our own call is believed, because the transport knows whom it called, and a notice is not.
    ///
    /// # Errors
    /// [`NotGenuine`]: nothing of the message is stored.
    fn authenticate(&self, message: &Unverified<'_>) -> Result<Genuine, NotGenuine> {
        match message.door {
            Door::Notice { .. } => Err(NotGenuine::NoDoor),
            Door::Reply { order, .. } => Ok(Genuine {
                message_id: order.header.key.clone(),
                key_id: "reply".to_owned(),
                acknowledgement: Acknowledgement::NO_CONTENT,
            }),
        }
    }

    /// The call that asks for an access token, where the rail works with them. The caller keeps the token until it
    /// ends, and hands it over in [`Header::bearer`](crate::Header::bearer).
    fn grant(&self, at: Timestamp, nonce: [u8; 16]) -> Option<Call> {
        let _unused = (at, nonce);
        None
    }

    /// The token in the answer to [`Rail::grant`], and the seconds it lives.
    ///
    /// # Errors
    /// [`Unreadable`] when there is none in it.
    fn granted(&self, status: u16, body: &[u8]) -> Result<(String, u32), Unreadable> {
        let _unused = (status, body);
        Err(Unreadable {
            kind: UnreadableKind::WrongMessage,
            path: "/".to_owned(),
            message: "this rail works without access tokens".to_owned(),
        })
    }

    /// A reader for files of this rail, where it sends any.
    fn open_file(&self, received_at: Timestamp) -> Option<Box<dyn FileReader>> {
        let _unused = received_at;
        None
    }
}
