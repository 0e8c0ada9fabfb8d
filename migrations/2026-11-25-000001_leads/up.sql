-- Leads and their emails. An email is an outbox row like a reply. Its address and lead have columns, so that emails can be
-- counted per hour and found while they are pending.

-- A customer who left a contact. `contact_info` has the contact (JSON), `messages` the dialog up to the last change (JSON);
-- `turn_id` is the inbox row that caused this change.
CREATE TABLE successful_dialogs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id      BIGINT NOT NULL,
    username     TEXT NOT NULL,
    contact_info TEXT NOT NULL,
    messages     TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   TIMESTAMP NOT NULL,
    revision     INTEGER NOT NULL DEFAULT 1,
    phone        TEXT,
    email        TEXT,
    source       TEXT NOT NULL,
    turn_id      BIGINT NOT NULL
);
CREATE INDEX leads_by_user ON successful_dialogs (user_id, id);

ALTER TABLE outbox ADD COLUMN address TEXT;
ALTER TABLE outbox ADD COLUMN lead_id BIGINT;
ALTER TABLE outbox ADD COLUMN requeued_at TIMESTAMP;
CREATE INDEX outbox_by_address ON outbox (address, created_at);
CREATE INDEX outbox_by_lead ON outbox (lead_id, state);

-- The contact form: when it was opened, and when the customer was last asked for their number.
ALTER TABLE customers ADD COLUMN form_since TIMESTAMP;
ALTER TABLE customers ADD COLUMN form_asked_at TIMESTAMP;
-- Source of a lead that was recorded without the model; the next turn informs the model.
ALTER TABLE customers ADD COLUMN untold_lead TEXT;

CREATE INDEX tool_effects_by_chat ON tool_effects (chat_id, tool, turn_id);
