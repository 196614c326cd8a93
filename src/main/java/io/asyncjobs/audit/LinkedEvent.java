package io.asyncjobs.audit;

/**
 * An event at its place in the chain.
 *
 * @param seal the HMAC over what the event says
 * @param previousHash the hash of the event before it
 * @param hash the HMAC over place, previous hash and seal
 */
record LinkedEvent(long seq, AuditRecord event, String seal, String previousHash, String hash) {}
