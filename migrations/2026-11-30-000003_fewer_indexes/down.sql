CREATE INDEX inbox_by_chat ON inbox (chat_id, received_at);
DROP INDEX outbox_dead;
CREATE INDEX outbox_by_report ON outbox (state, report_id);
DROP INDEX outbox_by_lead;
CREATE INDEX outbox_by_lead ON outbox (lead_id, state);
DROP INDEX outbox_by_address;
CREATE INDEX outbox_by_address ON outbox (address, created_at);
