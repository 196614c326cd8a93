package io.asyncjobs.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import io.asyncjobs.testsupport.Fast;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Fast
class ReportCsvTest {

    private static final String PARTS = "a1 =+-@';|\"\t\r\n,\u00A0\uFF1D";

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain,plain",
                "=1+1,'=1+1",
                "-1,'-1",
                "@a,'@a",
                "'a,''a",
                "  =1,  '=1",
                "\"=1,\"'=1",
                "\uFF1D1,'\uFF1D1",
                "a;=1,a;'=1",
                "a; \"+1,a; \"'+1",
                "`a\t=1`,`a\t'=1`",
                "`a\n=1`,`a\n'=1`",
                "a=1,a=1",
                "it's,it's"
            })
    void what_a_spreadsheet_may_take_for_a_formula_is_marked(String value, String marked) {
        assertThat(ReportCsv.marked(value)).isEqualTo(marked);
    }

    @Test
    void value_is_told_from_its_marks() {
        Random random = new Random(20260801);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder value = new StringBuilder();
            for (int length = random.nextInt(12); length > 0; length--) {
                value.append(PARTS.charAt(random.nextInt(PARTS.length())));
            }

            assertThat(unmarked(ReportCsv.marked(value.toString()))).isEqualTo(value.toString());
        }
    }

    /** As docs/provisioning.md says it. */
    private static String unmarked(String cell) {
        return cell.replaceAll("(^|[;\\t\\r\\n])([\\p{Zs}\"]*+)'", "$1$2");
    }
}
