/** Who calls, and whether they may: the token's user and roles, checked on every path but health. */
@NullMarked
package io.asyncjobs.security;

import org.jspecify.annotations.NullMarked;
