//! Reading the words that rows hold back into the domain's types.

use epay_domain::bill::BillState;
use epay_domain::payment::PaymentState;
use epay_domain::{HoldReason, MatchedBy};
use epay_money::{BillTypeCode, BillerId, Currency, Money, RailId};
use tokio_postgres::Row;

use crate::StoreError;

/// One row of one table, with the names that an error needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) table: &'static str,
    pub(crate) row: &'a Row,
}

impl<'a> Reading<'a> {
    pub(crate) fn get<T: tokio_postgres::types::FromSql<'a>>(
        self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        Ok(self.row.try_get(column)?)
    }

    fn word<T>(
        self,
        column: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        read(self.get::<&str>(column)?).ok_or(StoreError::Unknown {
            table: self.table,
            column,
        })
    }

    pub(crate) fn biller(self) -> Result<BillerId, StoreError> {
        self.word("biller_id", |text| BillerId::new(text).ok())
    }

    pub(crate) fn bill_type(self) -> Result<BillTypeCode, StoreError> {
        self.word("bill_type", |text| BillTypeCode::new(text).ok())
    }

    pub(crate) fn rail(self) -> Result<RailId, StoreError> {
        self.word("rail", |text| RailId::new(text).ok())
    }

    pub(crate) fn currency(self) -> Result<Currency, StoreError> {
        self.word("currency", |text| text.parse().ok())
    }

    pub(crate) fn money(self, column: &'static str) -> Result<Money, StoreError> {
        Ok(Money::new(self.get(column)?, self.currency()?))
    }

    pub(crate) fn bill_state(self) -> Result<BillState, StoreError> {
        self.word("state", |text| {
            BillState::ALL
                .into_iter()
                .find(|state| state.as_str() == text)
        })
    }

    pub(crate) fn payment_state(self) -> Result<PaymentState, StoreError> {
        self.word("state", |text| {
            PaymentState::ALL
                .into_iter()
                .find(|state| state.as_str() == text)
        })
    }

    pub(crate) fn matched_by(self) -> Result<MatchedBy, StoreError> {
        self.word("matched_by", |text| {
            [MatchedBy::Reference, MatchedBy::BillNumber, MatchedBy::None]
                .into_iter()
                .find(|by| by.as_str() == text)
        })
    }

    pub(crate) fn hold_reason(self) -> Result<Option<HoldReason>, StoreError> {
        let Some(text) = self.get::<Option<&str>>("hold_reason")? else {
            return Ok(None);
        };
        HoldReason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .map(Some)
            .ok_or(StoreError::Unknown {
                table: self.table,
                column: "hold_reason",
            })
    }
}

/// Columns of rows, turned into one array a column: what `unnest` takes.
macro_rules! columns {
    ($items:expr, $($name:ident = $value:expr),+ $(,)?) => {
        $(let $name: Vec<_> = $items.iter().map($value).collect();)+
    };
}
pub(crate) use columns;
