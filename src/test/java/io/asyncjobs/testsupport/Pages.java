package io.asyncjobs.testsupport;

import static io.restassured.RestAssured.given;

import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.specification.RequestSpecification;

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
}
