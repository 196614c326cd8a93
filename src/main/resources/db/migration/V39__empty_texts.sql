-- An empty text says the same as none, and is none from now on: what is read and sent back makes no change.
update job set description = null where description = '';
update connection set description = null where description = '';
update account set email = null where email = '';
