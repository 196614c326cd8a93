/** Holds the API to its document: linted, used by clients generated from it, compared with each answer. */
@NullMarked
package io.asyncjobs.contract;

import org.jspecify.annotations.NullMarked;
