@NullMarked
package io.asyncjobs.run.ledger;

import org.jspecify.annotations.NullMarked;
