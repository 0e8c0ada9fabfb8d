-- A customer's lines in order. Without it each lead would sort all of them.
CREATE INDEX dialogs_in_order ON dialogs (user_id, id);

-- Tokens used by a day's turns, counted at each start.
CREATE INDEX inbox_by_use ON inbox (finished_at, input_tokens, output_tokens) WHERE runs > 0;
