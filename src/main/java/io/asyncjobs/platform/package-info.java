/** What every feature stands on: the cluster's clock, ids, problem bodies, request reading, the embedded database. */
@NullMarked
package io.asyncjobs.platform;

import org.jspecify.annotations.NullMarked;
