-- Recents: one row for each task with at least one event.
CREATE TABLE tasks (
    nr INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    folder TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    project TEXT,
    head INTEGER NOT NULL,
    -- bytes of events.jsonl this row was made from
    length INTEGER NOT NULL,
    -- the last part of `search` in use
    part INTEGER NOT NULL
) STRICT;
CREATE INDEX tasks_by_change ON tasks (changed_at DESC, id DESC);
-- Words of a task in parts of a few kilobytes: rowid = nr * 2^20 + part; part 0 is the title. No positions are kept,
-- because only whole tasks are looked for; beginnings of words are, because every key typed is a search. Marks belong
-- to words: without them the vowels of many scripts would end one.
CREATE VIRTUAL TABLE search USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5 6',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'"
);
