-- The file of a queue as version 1 of its format had it: one sale sent, one refused, one put off, two waiting.
PRAGMA application_id = 1364479569;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE items (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        reference TEXT NOT NULL,
        body TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        idempotency_key TEXT NOT NULL,
        kept_at REAL NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'rejected')),
        answers INTEGER NOT NULL DEFAULT 0,
        due_at REAL NOT NULL DEFAULT 0,
        status INTEGER,
        problem TEXT
    );
INSERT INTO "items" VALUES(2,'sale','A-2','{"reference":"A-2","occurred_at":"2026-11-01T12:00:00Z","amount":200,"store_code":"A101-1","phone":"13800000000"}','0fb8bfc448241fc2d4170f2125db4a87697af30c17119d171066a70177e081e1','40646be444a34d99874a76313ba20ae7',1793534400.0,'rejected',1,0.0,409,'{"code": "reference-conflict", "status": 409, "title": "T", "detail": "D"}');
INSERT INTO "items" VALUES(3,'sale','A-3','{"reference":"A-3","occurred_at":"2026-11-01T12:00:00Z","amount":300,"store_code":"A101-1","phone":"13800000000"}','2b36e8ed92b18bd5d4d835df3240617270b108ed46e3a9e261e177ec7c67d2e8','964a0110ff8e480599d8791aff23bf66',1793534400.0,'waiting',1,1793534430.0,500,'{"code": "internal-error", "status": 500, "title": "T", "detail": "D"}');
INSERT INTO "items" VALUES(4,'sale','A-4','{"reference":"A-4","occurred_at":"2026-11-01T12:00:00Z","amount":400,"store_code":"A101-1","items":[{"name":"龙井","amount":400}]}','80a5885ef1be83c4ad7a8fc4ccd1542e13f8590a4e6504c9325d8b7fb336700c','0a85e0c8a5c54221927ee817fdfdc808',1793534400.0,'waiting',0,0.0,NULL,NULL);
INSERT INTO "items" VALUES(5,'sale','A-5','{"reference":"A-5","occurred_at":"2026-11-01T12:00:00Z","amount":500,"store_code":"A101-1"}','46239354965ac15f6fc35093cdd2f6fb664611900b693ee733e029708c1dce2d','16ca315d9ad0404b80e285f31975385b',1793534400.0,'waiting',0,0.0,NULL,NULL);
CREATE TABLE lease (one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT, until REAL NOT NULL);
INSERT INTO "lease" VALUES(1,NULL,1793534460.0);
CREATE TABLE sent (digest TEXT PRIMARY KEY, id INTEGER NOT NULL, sent_at REAL NOT NULL) WITHOUT ROWID;
INSERT INTO "sent" VALUES('abf19d26a182f1d3544caffdbd8115dccdf5277a3f6a1a16d8fffbbc55b095f4',1,1793534400.0);
CREATE INDEX items_by_state ON items (state, id);
CREATE INDEX sent_by_instant ON sent (sent_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('items',5);
COMMIT;
