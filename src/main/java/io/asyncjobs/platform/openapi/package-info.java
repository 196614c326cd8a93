/** What the OpenAPI document says beside the resources: its head, the security scheme, the problems of every call. */
@NullMarked
package io.asyncjobs.platform.openapi;

import org.jspecify.annotations.NullMarked;
