@NullMarked
package io.asyncjobs.account;

import org.jspecify.annotations.NullMarked;
