-- Each index costs every message one page. An index needed by few rows contains only those.
DROP INDEX outbox_by_address;
CREATE INDEX outbox_by_address ON outbox (address, created_at) WHERE address IS NOT NULL;
DROP INDEX outbox_by_lead;
CREATE INDEX outbox_by_lead ON outbox (lead_id, state) WHERE lead_id IS NOT NULL;
DROP INDEX outbox_by_report;
CREATE INDEX outbox_dead ON outbox (report_id) WHERE state = 'dead';
-- A customer's turns of a day are counted from their finished rows, so this index is not needed.
DROP INDEX inbox_by_chat;
