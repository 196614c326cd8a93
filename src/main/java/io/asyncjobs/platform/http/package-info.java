/** What every call has in common: paging, conditional requests, limits, headers, parameters that must parse. */
@NullMarked
package io.asyncjobs.platform.http;

import org.jspecify.annotations.NullMarked;
