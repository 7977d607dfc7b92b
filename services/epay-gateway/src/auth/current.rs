//! The caller of the request at hand, and the one question that every service asks.
//!
//! For gRPC the [`Principal`] is a request extension. The REST bridge makes a new request from headers alone and loses
//! extensions, so there it comes from a task-local value that [`layer`](super::layer) sets around the whole call.

use epay_money::BillerId;
use tonic::{Request, Status};

use super::{Grant, Method, Principal, Role};
use crate::fault;

tokio::task_local! {
    /// Set by the layer around every authenticated call.
    pub(crate) static CALLER: Principal;
}

/// A caller that may call one RPC, for some biller or for all.
#[derive(Debug, Clone)]
pub(crate) struct Authorised {
    principal: Principal,
    method: Method,
    every_biller: bool,
}

/// Asks whether the caller of `request` may call `method` at all.
///
/// # Errors
/// `UNAUTHENTICATED` without a caller, `PERMISSION_DENIED` where the table says [`Grant::Nothing`].
pub(crate) fn authorise<T>(request: &Request<T>, method: Method) -> Result<Authorised, Status> {
    let principal = request
        .extensions()
        .get::<Principal>()
        .cloned()
        .or_else(|| CALLER.try_with(Clone::clone).ok())
        .ok_or_else(|| {
            fault::unauthenticated("TOKEN_MISSING", "Send a bearer token with the request.")
        })?;
    authorise_principal(principal, method)
}

fn authorise_principal(principal: Principal, method: Method) -> Result<Authorised, Status> {
    match method.grant(principal.role) {
        Grant::Nothing => Err(fault::role_denied(method, principal.role)),
        Grant::OwnBiller => Ok(Authorised {
            principal,
            method,
            every_biller: false,
        }),
        Grant::Any => Ok(Authorised {
            principal,
            method,
            every_biller: true,
        }),
    }
}

impl Authorised {
    /// Asks whether the caller may do it for `biller`.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for another department's. The answer is the same whether or not the thing exists.
    pub(crate) fn over(&self, biller: &BillerId) -> Result<(), Status> {
        if self.every_biller || self.principal.biller.as_ref() == Some(biller) {
            return Ok(());
        }
        Err(fault::biller_denied(self.method))
    }

    /// Asks whether the caller may do it for all billers at once.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` for a department.
    pub(crate) fn over_all(&self) -> Result<(), Status> {
        if self.every_biller {
            Ok(())
        } else {
            Err(fault::biller_denied(self.method))
        }
    }

    /// What the caller is.
    pub(crate) const fn role(&self) -> Role {
        self.principal.role
    }

    /// Who the caller is: the scope of its idempotency keys.
    pub(crate) fn subject(&self) -> &str {
        &self.principal.subject
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    fn principal(role: Role, biller: Option<&str>) -> Principal {
        Principal {
            subject: "someone".to_owned(),
            role,
            biller: biller.map(|biller| BillerId::new(biller).unwrap()),
        }
    }

    #[test]
    fn a_department_reaches_its_own_bills_and_no_others() {
        let table = [
            (Role::Department, Some("rvd"), "rvd", true),
            (Role::Department, Some("rvd"), "ird", false),
            (Role::Department, None, "rvd", false),
            (Role::Finance, None, "rvd", true),
            (Role::Auditor, Some("ird"), "rvd", true),
        ];
        for (role, own, asked, allowed) in table {
            let caller = authorise_principal(principal(role, own), Method::ListBills).unwrap();
            let answer = caller.over(&BillerId::new(asked).unwrap());
            assert_eq!(answer.is_ok(), allowed, "{role:?} {own:?} {asked}");
            assert_eq!(
                caller.over_all().is_ok(),
                role != Role::Department,
                "{role:?}"
            );
        }
    }

    #[test]
    fn a_role_without_a_grant_is_denied_before_anything_is_read() {
        let status =
            authorise_principal(principal(Role::Auditor, None), Method::CreatePayment).unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
    }

    #[test]
    fn a_request_without_a_caller_is_not_authenticated() {
        let status = authorise(&Request::new(()), Method::ListBillTypes).unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
    }

    #[tokio::test]
    async fn the_task_local_caller_counts_where_extensions_are_lost() {
        let caller = CALLER
            .scope(principal(Role::CitizenPortal, None), async {
                authorise(&Request::new(()), Method::ListBillTypes)
            })
            .await;
        assert_eq!(caller.unwrap().role(), Role::CitizenPortal);
    }
}
