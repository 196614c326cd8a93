-- Further secrets that scripts use by name, and certificates with their key.
alter table connection
    -- JSON: names, and what was sealed in Base64. Each opens only for this row, its name and the place that the settings name
    add column named_secrets text not null default '{}',
    -- JSON: certificates in PEM
    add column tls text,
    add column sealed_client_key bytea;
