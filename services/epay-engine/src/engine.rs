//! The engine's front: queues in, answers out, and an orderly end.

use std::sync::Arc;

use arc_swap::ArcSwap;
use deadpool_postgres::Pool;
use epay_domain::bill::BillEvent;
use epay_domain::payment::{PaymentEvent, PaymentState};
use epay_ledger_pg::AccountDirectory;
use epay_money::{BillId, BillerId, BusinessCalendar, MessageId, PaymentId, RailId};
use epay_rail_kit::transport::Transport;
use epay_rails::Registry;
use epay_store::{NewMessage, Recorded};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::batch::{Command, Decided};
use crate::catalogue::Rails;
use crate::command::{CancelPayment, CreatePayment, IssueBill, ReceivedMessage, WithdrawBill};
use crate::commits::Commits;
use crate::committer::Envelope;
use crate::error::{EngineError, chain};
use crate::health::RailsHealth;
use crate::holidays::Holidays;
use crate::inbox::{self, Arrival};
use crate::queues::Queues;
use crate::second_factor::FactorKeys;
use crate::token::Tokens;
use crate::turns::SharedQueue;
use crate::watch::{WatchHub, look_after};
use crate::{BillView, Catalogue, Clock, Ids, PaymentView, Reader, Watch, inbound, statements};

/// Most pending messages that one call of [`Engine::redrive`] takes up.
const REDRIVE_MESSAGES_MAX: i64 = 1_000;

/// How an engine is set up.
#[derive(Debug)]
pub struct EngineOptions {
    /// Connections that act as the service role. One a committer and storer, and some for reads.
    pub pool: Pool,
    /// The rails.
    pub rails: Registry,
    /// Sends what goes to them.
    pub transport: Transport,
    /// Business days, as far as no table was loaded that says more.
    pub calendar: BusinessCalendar,
    /// What seals second factors; kinds of bill that ask for one need a key.
    pub factor_keys: FactorKeys,
    /// How commands share commits.
    pub commits: Commits,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn Ids>,
}

/// What every task of the engine shares.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) pool: Pool,
    pub(crate) rails: Rails,
    pub(crate) holidays: Holidays,
    pub(crate) factor_keys: FactorKeys,
    pub(crate) catalogue: Arc<ArcSwap<Catalogue>>,
    pub(crate) directory: AccountDirectory,
    pub(crate) watch: WatchHub,
    pub(crate) transport: Transport,
    pub(crate) health: RailsHealth,
    pub(crate) tokens: Tokens,
    pub(crate) treasury: BillerId,
    /// What stands for the rail of files of statements.
    pub(crate) statements: RailId,
    pub(crate) commits: Commits,
    /// Told when a batch of the outbox was committed here.
    pub(crate) outbox: watch::Sender<()>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
}

impl Core {
    /// Business days, as they are known now.
    pub(crate) fn calendar(&self) -> Arc<BusinessCalendar> {
        self.holidays.calendar()
    }
}

/// What became of a rail message at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The same message had been stored before.
    pub duplicate: bool,
}

/// The engine. A cheap handle; the tasks live until [`Engine::drain`].
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) core: Arc<Core>,
    pub(crate) reader: Reader,
    doors: Arc<ArcSwap<Option<Doors>>>,
    tasks: TaskTracker,
}

/// Where work comes in; gone once the engine drains.
#[derive(Debug, Clone)]
pub(crate) struct Doors {
    pub(crate) queues: Queues,
    pub(crate) inbox: mpsc::Sender<Arrival>,
}

impl Engine {
    /// Loads the catalogue and starts the committers.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] when the database cannot be read, [`EngineError::Broken`] when a rail's
    /// accounts are configured wrongly.
    pub async fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let broken = |error: &(dyn std::error::Error + 'static)| EngineError::Broken(chain(error));
        let rails = Rails::open(&options.rails).map_err(|error| broken(&error))?;
        let treasury = inbound::treasury().map_err(|error| broken(&error))?;
        let statements = RailId::new(statements::SOURCE).map_err(|error| broken(&error))?;
        let client = options.pool.get().await?;
        let catalogue = Catalogue::new(epay_store::bill_types(&client).await?);
        let directory = AccountDirectory::load(&**client)
            .await
            .map_err(|error| broken(&error))?;
        let holidays = Holidays::open(options.calendar, &client).await?;
        drop(client);
        let catalogue = Arc::new(ArcSwap::from_pointee(catalogue));
        let core = Arc::new(Core {
            pool: options.pool.clone(),
            rails,
            holidays,
            factor_keys: options.factor_keys,
            catalogue: Arc::clone(&catalogue),
            directory,
            watch: WatchHub::default(),
            health: RailsHealth::new(options.ids.next(), options.transport.clone()),
            transport: options.transport,
            tokens: Tokens::default(),
            treasury,
            statements,
            commits: options.commits,
            outbox: watch::Sender::new(()),
            clock: options.clock,
            ids: options.ids,
        });
        let tasks = TaskTracker::new();
        let doors = open_doors(&core, &tasks);
        Ok(Self {
            reader: Reader::new(
                options.pool,
                catalogue,
                core.rails.clone(),
                core.treasury.clone(),
            ),
            doors: Arc::new(ArcSwap::from_pointee(Some(doors))),
            core,
            tasks,
        })
    }

    /// The read side.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Wakes when the payment changes: here at once, elsewhere when it is told of or, under [`Self::look_after_watchers`], found.
    #[must_use]
    pub fn watch(&self, biller: &BillerId, payment: PaymentId) -> Watch {
        self.core.watch.watch(biller, payment)
    }

    /// Looks, until `stop`, for changes of watched payments that nobody told of. One of it in a process that has watchers.
    pub async fn look_after_watchers(&self, stop: CancellationToken) {
        look_after(self.core.watch.clone(), self.core.pool.clone(), stop).await;
    }

    /// Wakes those who watch these payments: a change that another node made was heard of.
    pub fn wake(&self, payments: impl Iterator<Item = PaymentId>) {
        self.core.watch.wake(payments);
    }

    /// Issues a bill.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn issue_bill(&self, command: IssueBill) -> Result<BillView, EngineError> {
        let keyed = command.keyed();
        let decided = self.ask(Command::Issue(Box::new(command), keyed)).await?;
        self.bill_answer(decided).await
    }

    /// Withdraws a bill.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn withdraw_bill(&self, command: WithdrawBill) -> Result<BillView, EngineError> {
        let keyed = command.keyed();
        let decided = self.ask(Command::Withdraw(command, keyed)).await?;
        self.bill_answer(decided).await
    }

    /// Starts a payment.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn create_payment(&self, command: CreatePayment) -> Result<PaymentView, EngineError> {
        let keyed = command.keyed();
        let decided = self.ask(Command::Pay(Box::new(command), keyed)).await?;
        self.payment_answer(decided).await
    }

    /// Gives a payment up.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn cancel_payment(&self, command: CancelPayment) -> Result<PaymentView, EngineError> {
        let keyed = command.keyed();
        let of = self.key_of(&command.biller, command.payment).await?;
        let decided = self.ask(Command::Cancel(command, of, keyed)).await?;
        self.payment_answer(decided).await
    }

    /// Stores a rail message. Once this answers, the message will be booked, whatever crashes.
    ///
    /// # Errors
    /// [`EngineError::MessageIdReused`], [`EngineError::Overloaded`], [`EngineError::Unavailable`].
    pub async fn receive(&self, message: ReceivedMessage) -> Result<Stored, EngineError> {
        let doors = self.doors()?;
        let (reply, answer) = oneshot::channel();
        let message = NewMessage {
            id: MessageId::new(self.core.ids.next()),
            rail: message.rail,
            channel_key: message.channel_key,
            sender_id: message.message_id,
            digest: message.digest,
            body: message.body,
            received_at: self.core.clock.now(),
            answers: None,
        };
        doors.inbox.try_send(Arrival { message, reply })?;
        drop(doors);
        let recorded = answer
            .await
            .map_err(|_dropped| EngineError::Unavailable)??;
        Ok(Stored {
            duplicate: recorded == Recorded::Duplicate,
        })
    }

    /// Takes up messages that were stored at least `older_than` ago and never finished. Answers how many.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn redrive(&self, older_than: SignedDuration) -> Result<usize, EngineError> {
        let doors = self.doors()?;
        let before = self
            .core
            .clock
            .now()
            .checked_sub(older_than)
            .map_err(|error| EngineError::Broken(error.to_string()))?;
        let messages = {
            let client = self.core.pool.get().await?;
            epay_store::pending_messages(&client, before, REDRIVE_MESSAGES_MAX).await?
        };
        for part in messages.chunks(inbound::BATCH_MESSAGES_MAX) {
            inbound::process(&self.core, &doors.queues, part)
                .await
                .map_err(|_logged| EngineError::Unavailable)?;
        }
        Ok(messages.len())
    }

    /// Now, by the engine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.core.clock.now()
    }

    /// A new id, from where the engine has its own.
    #[must_use]
    pub fn next_id(&self) -> Uuid {
        self.core.ids.next()
    }

    /// Closes the doors, finishes what is queued and waits for it.
    pub async fn drain(&self) {
        self.doors.store(Arc::new(None));
        self.tasks.close();
        self.tasks.wait().await;
    }

    pub(crate) fn doors(&self) -> Result<Doors, EngineError> {
        Option::clone(&self.doors.load()).ok_or(EngineError::Stopping)
    }

    pub(crate) fn queues(&self) -> Result<Queues, EngineError> {
        Ok(self.doors()?.queues)
    }

    pub(crate) async fn ask(&self, command: Command) -> Result<Decided, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.doors()?.queues.try_put(Envelope {
            command,
            reply: Some(reply),
        })?;
        answer.await.map_err(|_dropped| EngineError::Unavailable)?
    }

    async fn bill_answer(&self, decided: Decided) -> Result<BillView, EngineError> {
        match decided {
            Decided::Bill(view) => Ok(*view),
            Decided::BillAgain {
                biller,
                bill,
                version,
            } => self.bill_at(&biller, bill, version).await,
            Decided::Payment(_) | Decided::PaymentAgain { .. } | Decided::Done => Err(
                EngineError::Broken("a bill was asked for and something else came".to_owned()),
            ),
        }
    }

    pub(crate) async fn payment_answer(
        &self,
        decided: Decided,
    ) -> Result<PaymentView, EngineError> {
        match decided {
            Decided::Payment(view) => Ok(*view),
            Decided::PaymentAgain {
                biller,
                payment,
                version,
            } => self.payment_at(&biller, payment, version).await,
            Decided::Bill(_) | Decided::BillAgain { .. } | Decided::Done => Err(
                EngineError::Broken("a payment was asked for and something else came".to_owned()),
            ),
        }
    }

    /// A bill as it stood at a version: the first answer, read back from the events.
    async fn bill_at(
        &self,
        biller: &BillerId,
        id: BillId,
        version: i32,
    ) -> Result<BillView, EngineError> {
        let mut view = self.reader.bill(biller, id).await?;
        let client = self.core.pool.get().await?;
        view.bill.applied_minor = 0;
        view.bill.paid_at = None;
        view.bill.version = 0;
        for stored in epay_store::events(&client, biller, id.uuid()).await? {
            if stored.version <= version {
                let event: BillEvent = serde_json::from_value(stored.body)
                    .map_err(|error| EngineError::Broken(error.to_string()))?;
                view.bill = epay_domain::bill::apply(view.bill, &event, stored.at);
            }
        }
        Ok(view)
    }

    /// A payment as it stood at a version: the first answer, read back from the events.
    async fn payment_at(
        &self,
        biller: &BillerId,
        id: PaymentId,
        version: i32,
    ) -> Result<PaymentView, EngineError> {
        let mut view = self.reader.payment(biller, id).await?;
        if view.payment.version == version {
            return Ok(view);
        }
        view.payment.received_minor = 0;
        view.payment.version = 0;
        view.payment.state = PaymentState::Created;
        view.receipts = vec![];
        for stored in self.reader.payment_events(biller, id).await? {
            if stored.version <= version {
                let event: PaymentEvent = serde_json::from_value(stored.body)
                    .map_err(|error| EngineError::Broken(error.to_string()))?;
                view.payment = epay_domain::payment::apply(view.payment, &event);
            }
        }
        Ok(view)
    }
}

fn open_doors(core: &Arc<Core>, tasks: &TaskTracker) -> Doors {
    let queues = Queues::open(core, tasks);
    let (raw, raw_queue) = mpsc::channel(inbound::QUEUE_MESSAGES_MAX);
    tasks.spawn(inbound::run(Arc::clone(core), queues.clone(), raw_queue));
    let (inbox, inbox_queue) = mpsc::channel(inbox::QUEUE_MESSAGES_MAX);
    let inbox_queue = SharedQueue::new(inbox_queue, inbox::GATHER);
    for _ in 0..core.commits.storers() {
        tasks.spawn(inbox::run(
            Arc::clone(core),
            inbox_queue.clone(),
            raw.clone(),
        ));
    }
    Doors { queues, inbox }
}
