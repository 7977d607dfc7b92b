//! What every page shares: the state, the routes, the frame around a page, the headers and the limits.

mod assets;
mod frame;
mod headers;
mod portal;
mod routes;
mod visit;

pub(crate) use frame::{Fault, Frame, Refresh, page};
pub(crate) use headers::{origin_of, policy_with_form};
pub(crate) use portal::{Demo, Portal};
pub(crate) use routes::router;
pub(crate) use visit::Visit;
