-- Each index of a chat or a lane is one more page that every message writes. What few rows need, few rows carry.
DROP INDEX outbox_by_address;
CREATE INDEX outbox_by_address ON outbox (address, created_at) WHERE address IS NOT NULL;
DROP INDEX outbox_by_lead;
CREATE INDEX outbox_by_lead ON outbox (lead_id, state) WHERE lead_id IS NOT NULL;
DROP INDEX outbox_by_report;
CREATE INDEX outbox_dead ON outbox (report_id) WHERE state = 'dead';
-- A customer's turns of a day are counted among their ended rows.
DROP INDEX inbox_by_chat;
