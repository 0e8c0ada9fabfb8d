//! The rows that a service leaves, read by any query that returns texts.
#![expect(missing_docs, reason = "most fields are columns of the same name")]

/// Declares a row and its reader: the fields are the columns of its query, in this order.
macro_rules! row {
    ($(#[$about:meta])* $row:ident { $($(#[$note:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default)]
        pub struct $row { $($(#[$note])* pub $field: $kind,)* }

        impl From<Vec<String>> for $row {
            fn from(cells: Vec<String>) -> Self {
                let mut cells = cells.into_iter();
                Self { $($field: Cell::of(cells.next().unwrap_or_default()),)* }
            }
        }
    };
}

row!(
    /// A row of `inbox`.
    Taken {
        id: i64,
        update: i64,
        chat: i64,
        /// The message's id in its chat.
        message: Option<i64>,
        state: String,
        reason: String,
        turn: Option<i64>,
    }
);
row!(
    /// A row of `outbox`.
    Sent {
        id: i64,
        key: String,
        chat: i64,
        /// In lower case; empty for a message to the chat.
        address: String,
        state: String,
        /// How many duplicates may have arrived.
        maybe_sent: usize,
        /// The id of the sent message, which then has the text.
        remote: Option<i64>,
        /// The text to send.
        text: String,
        /// The period of a due report.
        report: Option<i64>,
    }
);
row!(
    /// A row of `dialogs`.
    Line {
        chat: i64,
        role: String,
        text: String,
        turn: Option<i64>,
        /// The update of a customer's message.
        update: Option<i64>,
    }
);
row!(
    /// A row of `successful_dialogs`.
    Lead {
        id: i64,
        chat: i64,
        /// All known facts, as JSON.
        facts: String,
        phone: String,
        email: String,
        /// The messages, as JSON.
        messages: String,
        revision: i64,
    }
);
row!(
    /// A row of `reports`, with the lines of dialog that bound it.
    Period {
        id: i64,
        after: i64,
        /// `None`: the period is open.
        upto: Option<i64>,
    }
);

/// The rows of all tables, ordered by id.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    pub inbox: Vec<Taken>,
    pub outbox: Vec<Sent>,
    pub dialogs: Vec<Line>,
    pub leads: Vec<Lead>,
    pub periods: Vec<Period>,
}

const INBOX: &str = "SELECT id, update_id, chat_id, message_id, state, reason, turn_id FROM inbox ORDER BY id";
/// Only messages to chats and mail: other lanes reach no far side that is checked.
const OUTBOX: &str = "SELECT id, key, chat_id, LOWER(address), state, maybe_sent, remote_id, \
    CASE WHEN json_valid(payload) THEN \
    (SELECT value FROM json_tree(payload) WHERE json_tree.key = 'text' AND type = 'text' LIMIT 1) END, \
    (SELECT r.id FROM reports r WHERE outbox.key LIKE 'report:' || strftime('%s', due_at) || ':%') \
    FROM outbox WHERE lane LIKE 'tg:%' OR lane LIKE 'mail:%' ORDER BY id";
const DIALOGS: &str = "SELECT user_id, role, message, d.turn_id, update_id FROM dialogs d \
    LEFT JOIN inbox ON inbox.id = inbox_id ORDER BY d.id";
const LEADS: &str =
    "SELECT id, user_id, contact_info, phone, email, messages, revision FROM successful_dialogs ORDER BY id";
const PERIODS: &str = "SELECT id, after_dialog, upto_dialog FROM reports ORDER BY id";

impl Rows {
    /// Reads all tables. The query returns each row as texts, NULL as an empty one.
    ///
    /// # Errors
    /// Those of the query.
    pub fn read<E>(mut query: impl FnMut(&str) -> Result<Vec<Vec<String>>, E>) -> Result<Self, E> {
        Ok(Self {
            inbox: rows(query(INBOX)?),
            outbox: rows(query(OUTBOX)?),
            dialogs: rows(query(DIALOGS)?),
            leads: rows(query(LEADS)?),
            periods: rows(query(PERIODS)?),
        })
    }

    /// Reads only the outbox.
    ///
    /// # Errors
    /// Those of the query.
    pub fn outbox<E>(query: impl FnOnce(&str) -> Result<Vec<Vec<String>>, E>) -> Result<Self, E> {
        let outbox = rows(query(OUTBOX)?);
        Ok(Self {
            outbox,
            ..Self::default()
        })
    }
}

fn rows<T: From<Vec<String>>>(table: Vec<Vec<String>>) -> Vec<T> {
    table.into_iter().map(T::from).collect()
}

/// Parses a cell; NULL as a number is 0, which is not a valid id.
trait Cell {
    fn of(text: String) -> Self;
}

impl Cell for String {
    fn of(text: String) -> Self {
        text
    }
}

impl Cell for i64 {
    fn of(text: String) -> Self {
        text.parse().unwrap_or_default()
    }
}

impl Cell for usize {
    fn of(text: String) -> Self {
        text.parse().unwrap_or_default()
    }
}

impl Cell for Option<i64> {
    fn of(text: String) -> Self {
        text.parse().ok()
    }
}
