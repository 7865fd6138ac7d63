-- What marks a task: kept on top, out of the list, not looked at. Rows of older releases cannot say it, so they go, and
-- every task is folded again from its log.
DELETE FROM tasks;
INSERT INTO search (search) VALUES ('delete-all');
ALTER TABLE tasks ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tasks_pinned ON tasks (changed_at DESC, id DESC) WHERE pinned AND NOT archived;
CREATE INDEX tasks_archived ON tasks (changed_at DESC, id DESC) WHERE archived;
