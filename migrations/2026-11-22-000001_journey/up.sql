-- The rows of a message, from update to delivery. Times are UTC, set by the writer; JSON is TEXT; states are words
-- (docs/delivery.md lists every transition). Only INTEGER PRIMARY KEY AUTOINCREMENT is specific to SQLite.

-- A customer, with their names in Telegram and their thread.
CREATE TABLE customers (
    chat_id             INTEGER PRIMARY KEY NOT NULL,
    username            TEXT,
    first_name          TEXT NOT NULL,
    last_name           TEXT,
    language_code       TEXT,
    source              TEXT,
    source_at           TIMESTAMP,
    greeted_at          TIMESTAMP,
    blocked_at          TIMESTAMP,
    media_hint_at       TIMESTAMP,
    has_keyboard        BOOLEAN NOT NULL DEFAULT FALSE,
    thread_id           TEXT,
    thread_suspect      BOOLEAN NOT NULL DEFAULT FALSE,
    thread_since        BIGINT,
    thread_input_tokens BIGINT NOT NULL DEFAULT 0,
    thread_used_at      TIMESTAMP,
    created_at          TIMESTAMP NOT NULL,
    seen_at             TIMESTAMP NOT NULL
);

-- All thread ids of a chat, past ones included.
CREATE TABLE threads (
    id         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    chat_id    BIGINT NOT NULL,
    thread_id  TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at   TIMESTAMP,
    end_reason TEXT
);
CREATE UNIQUE INDEX threads_once ON threads (chat_id, thread_id);

-- One row per update; `key` recognises duplicates. The figures of a turn are in its first row.
CREATE TABLE inbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key           TEXT NOT NULL UNIQUE,
    update_id     BIGINT NOT NULL,
    chat_id       BIGINT NOT NULL,
    message_id    BIGINT,
    state         TEXT NOT NULL,
    reason        TEXT,
    content       TEXT,
    raw           TEXT NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    panics        INTEGER NOT NULL DEFAULT 0,
    turn_id       BIGINT,
    received_at   TIMESTAMP NOT NULL,
    started_at    TIMESTAMP,
    finished_at   TIMESTAMP,
    runs          INTEGER NOT NULL DEFAULT 0,
    tool_calls    INTEGER NOT NULL DEFAULT 0,
    input_tokens  BIGINT NOT NULL DEFAULT 0,
    output_tokens BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX inbox_by_state ON inbox (state, chat_id, id);
CREATE INDEX inbox_by_chat ON inbox (chat_id, received_at);
CREATE INDEX inbox_by_message ON inbox (chat_id, message_id, id);

-- Every message and reply, with links to its turn and delivery.
CREATE TABLE dialogs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id      BIGINT NOT NULL,
    username     TEXT NOT NULL,
    message      TEXT NOT NULL,
    role         TEXT NOT NULL,
    timestamp    TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    kind         TEXT NOT NULL,
    inbox_id     BIGINT,
    turn_id      BIGINT,
    delivered_at TIMESTAMP
);
CREATE INDEX dialogs_by_user ON dialogs (user_id, turn_id, id);
CREATE INDEX dialogs_by_inbox ON dialogs (inbox_id);

-- One row per message part to one chat. A lane is ordered by id.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key         TEXT NOT NULL UNIQUE,
    lane        TEXT NOT NULL,
    chat_id     BIGINT NOT NULL,
    payload     TEXT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT,
    attempts    INTEGER NOT NULL DEFAULT 0,
    maybe_sent  INTEGER NOT NULL DEFAULT 0,
    due_at      TIMESTAMP NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    claimed_at  TIMESTAMP,
    finished_at TIMESTAMP,
    remote_id   BIGINT,
    dialog_id   BIGINT,
    update_id   BIGINT
);
CREATE INDEX outbox_by_lane ON outbox (lane, state, id);
CREATE INDEX outbox_by_state ON outbox (state, due_at);
CREATE INDEX outbox_by_dialog ON outbox (dialog_id);

-- Effects of tools, by turn, tool and facts. A repeated turn finds its effect and does not repeat it.
CREATE TABLE tool_effects (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    chat_id     BIGINT NOT NULL,
    turn_id     BIGINT NOT NULL,
    tool        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    output      TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX tool_effects_once ON tool_effects (turn_id, tool, fingerprint);

-- Questions the owner's facts did not answer.
CREATE TABLE gaps (
    id         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    chat_id    BIGINT NOT NULL,
    turn_id    BIGINT NOT NULL,
    question   TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Single values, such as this installation's random name.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);
