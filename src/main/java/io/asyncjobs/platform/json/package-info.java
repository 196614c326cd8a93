/** Reading requests strictly: what is not exactly right is refused, with everything that is wrong said at once. */
@NullMarked
package io.asyncjobs.platform.json;

import org.jspecify.annotations.NullMarked;
