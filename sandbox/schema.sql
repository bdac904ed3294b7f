-- The sandbox's world. Times are seconds since 1970, money is minor units.
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS apps (
  client_id TEXT PRIMARY KEY, application_id TEXT UNIQUE NOT NULL, name TEXT NOT NULL, secrets TEXT NOT NULL,
  roles TEXT NOT NULL, redirect_uris TEXT NOT NULL, login_uri TEXT NOT NULL DEFAULT '',
  draft INTEGER NOT NULL DEFAULT 0, listed INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS sellers (
  seller TEXT PRIMARY KEY, region TEXT NOT NULL, name TEXT NOT NULL, business_name TEXT NOT NULL,
  marketplaces TEXT NOT NULL, per_day REAL NOT NULL DEFAULT 0, merchant_share REAL NOT NULL DEFAULT 0.3,
  seed INTEGER NOT NULL DEFAULT 0, next_order_at REAL, deactivated INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS codes (
  code TEXT PRIMARY KEY, client_id TEXT NOT NULL, seller TEXT NOT NULL, redirect_uri TEXT NOT NULL,
  issued_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS grants (
  refresh_token TEXT PRIMARY KEY, client_id TEXT NOT NULL, seller TEXT NOT NULL, granted_at REAL NOT NULL,
  revoked_at REAL);
CREATE INDEX IF NOT EXISTS grants_of_seller ON grants (seller);
CREATE TABLE IF NOT EXISTS access_tokens (
  token TEXT PRIMARY KEY, client_id TEXT NOT NULL, seller TEXT NOT NULL, refresh_token TEXT NOT NULL,
  scope TEXT NOT NULL, expires_at REAL NOT NULL, resources TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS access_tokens_by_grant ON access_tokens (refresh_token);
CREATE TABLE IF NOT EXISTS products (
  marketplace TEXT NOT NULL, asin TEXT NOT NULL, seller TEXT NOT NULL, sku TEXT NOT NULL, title TEXT NOT NULL,
  brand TEXT NOT NULL, price INTEGER NOT NULL, facts TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (marketplace, asin, seller));
CREATE TABLE IF NOT EXISTS buyers (
  buyer TEXT PRIMARY KEY, name TEXT NOT NULL, locale TEXT NOT NULL, address TEXT NOT NULL,
  opted_out INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS relays (
  address TEXT PRIMARY KEY, seller TEXT NOT NULL, buyer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
  order_id TEXT PRIMARY KEY, seller TEXT NOT NULL, marketplace TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, status TEXT NOT NULL, fulfilled_by TEXT NOT NULL, service TEXT NOT NULL,
  buyer TEXT NOT NULL, relay TEXT NOT NULL, programs TEXT NOT NULL, items TEXT NOT NULL,
  ship_from INTEGER NOT NULL, ship_by INTEGER NOT NULL, deliver_from INTEGER NOT NULL, deliver_by INTEGER NOT NULL,
  shipped_at INTEGER, estimated_at INTEGER, delivered_at INTEGER, package TEXT, detailed TEXT, carrier TEXT,
  tracking TEXT, cancelled_by TEXT, cancel_asked INTEGER NOT NULL DEFAULT 0, refunded_at INTEGER,
  refunded_share REAL NOT NULL DEFAULT 0, returned_at INTEGER, replaces TEXT, actions TEXT);
CREATE INDEX IF NOT EXISTS orders_by_update ON orders (seller, updated_at, order_id);
CREATE INDEX IF NOT EXISTS orders_by_creation ON orders (seller, created_at, order_id);
CREATE INDEX IF NOT EXISTS orders_by_buyer ON orders (buyer, seller);
CREATE INDEX IF NOT EXISTS orders_returned ON orders (seller, returned_at) WHERE returned_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_refunded ON orders (seller, refunded_at) WHERE refunded_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_shipped ON orders (seller, shipped_at) WHERE shipped_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, order_id TEXT NOT NULL, kind TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_time ON events (at);
CREATE INDEX IF NOT EXISTS events_by_order ON events (order_id);
CREATE TABLE IF NOT EXISTS feedback (
  order_id TEXT PRIMARY KEY, seller TEXT NOT NULL, at INTEGER NOT NULL, rating INTEGER NOT NULL,
  comments TEXT NOT NULL, response TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS feedback_by_time ON feedback (seller, at);
CREATE TABLE IF NOT EXISTS uploads (
  upload TEXT PRIMARY KEY, seller TEXT NOT NULL, resource TEXT NOT NULL, md5 TEXT NOT NULL,
  content_type TEXT NOT NULL, expires_at REAL NOT NULL, content BLOB);
CREATE TABLE IF NOT EXISTS approved_senders (seller TEXT NOT NULL, address TEXT NOT NULL, PRIMARY KEY (address, seller));
CREATE TABLE IF NOT EXISTS calls (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, real_at REAL NOT NULL, client_id TEXT NOT NULL, seller TEXT NOT NULL,
  region TEXT NOT NULL, operation TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, params TEXT NOT NULL,
  status INTEGER NOT NULL, request_id TEXT NOT NULL, order_id TEXT NOT NULL, fault TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS calls_by_operation ON calls (operation, seller);
CREATE TABLE IF NOT EXISTS contacts (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, real_at REAL NOT NULL, channel TEXT NOT NULL, kind TEXT NOT NULL,
  seller TEXT NOT NULL, order_id TEXT NOT NULL, buyer TEXT NOT NULL, identity TEXT NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL, proactive INTEGER NOT NULL, outside_window INTEGER NOT NULL, sender TEXT NOT NULL,
  subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL, attachments TEXT NOT NULL, raw BLOB);
CREATE INDEX IF NOT EXISTS contacts_of_order ON contacts (order_id, channel);
CREATE TABLE IF NOT EXISTS bounces (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, seller TEXT NOT NULL, recipient TEXT NOT NULL, order_id TEXT NOT NULL,
  message_id TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS faults (id INTEGER PRIMARY KEY, fault TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reports (
  report TEXT PRIMARY KEY, seller TEXT NOT NULL, type TEXT NOT NULL, marketplaces TEXT NOT NULL, start_at REAL,
  end_at REAL, created_at REAL NOT NULL, ready_at REAL NOT NULL, status TEXT NOT NULL, document TEXT, schedule TEXT);
CREATE INDEX IF NOT EXISTS reports_of_seller ON reports (seller, created_at);
CREATE TABLE IF NOT EXISTS documents (document TEXT PRIMARY KEY, seller TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS schedules (
  schedule TEXT PRIMARY KEY, seller TEXT NOT NULL, type TEXT NOT NULL, marketplaces TEXT NOT NULL,
  period TEXT NOT NULL, next_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS destinations (
  destination TEXT PRIMARY KEY, client_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, resource TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS subscriptions (
  subscription TEXT PRIMARY KEY, client_id TEXT NOT NULL, seller TEXT NOT NULL, type TEXT NOT NULL,
  destination TEXT NOT NULL, version TEXT NOT NULL, directive TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_subscription ON subscriptions (client_id, seller, type);
CREATE TABLE IF NOT EXISTS notifications (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, seller TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL);
