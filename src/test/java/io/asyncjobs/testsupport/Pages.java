package io.asyncjobs.testsupport;

import static io.restassured.RestAssured.given;

import io.restassured.builder.MultiPartSpecBuilder;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.specification.MultiPartSpecification;
import io.restassured.specification.RequestSpecification;
import java.nio.charset.StandardCharsets;

/** The dashboard as a signed-in superadmin's browser asks for it, without the browser. */
public final class Pages {

    public static final String COOKIE = "asyncjobs_session";

    private Pages() {}

    /** A page is asked for. */
    public static RequestSpecification page() {
        return given().config(RestAssuredConfig.config()
                        .encoderConfig(EncoderConfig.encoderConfig().defaultContentCharset("UTF-8")))
                .redirects()
                .follow(false)
                .accept("text/html")
                .cookie(COOKIE, Tokens.superadmin("alice"));
    }

    /** A form of one of our pages is sent. */
    public static RequestSpecification form() {
        return page().header("Sec-Fetch-Site", "same-origin").contentType("application/x-www-form-urlencoded");
    }

    /** A field of a form that is sent in parts. */
    public static MultiPartSpecification textPart(String name, String value) {
        return new MultiPartSpecBuilder(value)
                .controlName(name)
                .mimeType("text/plain")
                .emptyFileName()
                .charset(StandardCharsets.UTF_8)
                .build();
    }
}
