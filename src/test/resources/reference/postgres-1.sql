CREATE TABLE ba_reference_version(version INTEGER NOT NULL);
CREATE TABLE ba_reference(id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, program_id TEXT NOT NULL, fingerprint TEXT NOT NULL, refs TEXT[] NOT NULL, type TEXT NOT NULL, client_ip TEXT, user_agent TEXT, created_at TIMESTAMPTZ NOT NULL);
CREATE INDEX ba_reference_visitor ON ba_reference(fingerprint, program_id, id);
CREATE INDEX ba_reference_age ON ba_reference(created_at);
CREATE TABLE ba_reference_ref(program_id TEXT NOT NULL, fingerprint TEXT NOT NULL, ref TEXT NOT NULL, reference_id BIGINT NOT NULL, PRIMARY KEY(program_id, fingerprint, ref));
CREATE INDEX ba_reference_ref_ref ON ba_reference_ref(ref, program_id, reference_id);
INSERT INTO ba_reference_version VALUES (1);
INSERT INTO ba_reference(program_id, fingerprint, refs, type, client_ip, user_agent, created_at) VALUES ('p', 'f', '{u,s}', 'barnebys', '1.2.3.0', 'agent', '2026-11-23T18:01:08.243Z');
INSERT INTO ba_reference_ref VALUES ('p', 'f', 'u', 1), ('p', 'f', 's', 1);
