CREATE TABLE IF NOT EXISTS stripe_objects (
  seq INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, customer TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS stripe_by_kind ON stripe_objects (kind, customer, seq);
CREATE TABLE IF NOT EXISTS stripe_keys (
  key TEXT PRIMARY KEY, asked TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS stripe_deliveries (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL, endpoint TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  next_at REAL, answer INTEGER, state TEXT NOT NULL DEFAULT 'waiting');
CREATE INDEX IF NOT EXISTS stripe_waiting ON stripe_deliveries (next_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS stripe_calls (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER NOT NULL,
  request_id TEXT NOT NULL, idempotency_key TEXT NOT NULL);
