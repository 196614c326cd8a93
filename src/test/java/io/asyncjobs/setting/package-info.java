@NullMarked
package io.asyncjobs.setting;

import org.jspecify.annotations.NullMarked;
