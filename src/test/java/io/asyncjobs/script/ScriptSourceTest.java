package io.asyncjobs.script;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.asyncjobs.testsupport.Fast;
import org.junit.jupiter.api.Test;

@Fast
class ScriptSourceTest {

    @Test
    void digests_are_those_of_the_exact_bytes() {
        // printf '\xef\xbb\xbfreturn "\xc3\xbc";\r\n' | md5sum
        ScriptSource source = ScriptSource.of("\uFEFFreturn \"ü\";\r\n");
        assertThat(source.md5()).isEqualTo("cc5be61b1f827967f3714facff786b07");
        assertThat(source.sha256()).isEqualTo("6f9f918c4e38dc6ecabaea77e215ad3c718a65ee53f098ffd97b4b88268a55aa");
        assertThat(ScriptSource.ofUtf8(source.utf8())).isEqualTo(source);
        assertThat(ScriptSource.of("").md5()).isEqualTo("d41d8cd98f00b204e9800998ecf8427e");
    }

    @Test
    void line_ends_and_marks_make_a_difference() {
        assertThat(ScriptSource.of("a\n").md5())
                .isNotEqualTo(ScriptSource.of("a\r\n").md5());
        assertThat(ScriptSource.ofUtf8("\uFEFFa".getBytes(UTF_8)).text()).isEqualTo("\uFEFFa");
    }

    @Test
    void text_without_a_utf8_form_is_refused() {
        assertThatThrownBy(() -> ScriptSource.of("'\ud800'")).isInstanceOf(MalformedScriptException.class);
        assertThatThrownBy(() -> ScriptSource.ofUtf8(new byte[] {'a', (byte) 0xff}))
                .isInstanceOf(MalformedScriptException.class);
    }
}
