-- A customer's lines in their order, however many there are: without it each lead sorts them all.
CREATE INDEX dialogs_in_order ON dialogs (user_id, id);

-- What the turns of a day have used, counted at each start.
CREATE INDEX inbox_by_use ON inbox (finished_at, input_tokens, output_tokens) WHERE runs > 0;
