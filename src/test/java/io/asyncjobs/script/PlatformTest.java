package io.asyncjobs.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts have besides the language and the contract: web standards and formats of data. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlatformTest {

    private final TestPool pool = TestPool.start();

    @BeforeAll
    void ready() {
        pool.awaitReady(1);
    }

    @AfterAll
    void stop() {
        pool.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            value = {
                "new URL('../a b?x=1#f', 'https://Müller.example:443/api/v1/').href¦\"https://xn--mller-kva.example/api/a%20b?x=1#f\"",
                "new URL('HTTP://user:p%40@[::1]:8080/./x/../y?q').toJSON()¦\"http://user:p%40@[::1]:8080/y?q\"",
                "new URL('http://0x7f.1/').hostname¦\"127.0.0.1\"",
                "URL.canParse('http://a b/')¦false",
                "String(new URLSearchParams({ q: 'a&b c', 'ü': '+' }))¦\"q=a%26b+c&%C3%BC=%2B\"",
                "[...new URLSearchParams('?a=1&a=%E2%82%AC').getAll('a')]¦[\"1\",\"€\"]",
                "[...new TextEncoder().encode('aü€😀\\ud800')]¦[97,195,188,226,130,172,240,159,152,128,239,191,189]",
                "new TextEncoder().encodeInto('aü€', new Uint8Array(4))¦{\"read\":2,\"written\":3}",
                "new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]))¦\"a\uFFFD\"",
                "new TextDecoder('latin1').encoding¦\"windows-1252\"",
                "new TextDecoder('windows-1252').decode(new Uint8Array([0x80, 0x81, 0xfc])) === '€\\u0081ü'¦true",
                "new TextDecoder('shift_jis').decode(new Uint8Array([0x83, 0x65, 0x83, 0x58, 0x83, 0x67]))¦\"テスト\"",
                "(d => d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac])))(new TextDecoder())¦\"€\"",
                "[btoa('hé'), atob(' aOk= ')]¦[\"aOk=\",\"hé\"]",
                "[...Uint8Array.fromBase64('_wA', { alphabet: 'base64url' })]¦[255,0]",
                "[new Uint8Array([255, 0]).toBase64(), new Uint8Array([255, 0]).toHex(), Uint8Array.fromHex('ff00').length]¦[\"/wA=\",\"ff00\",2]",
                "structuredClone({ d: new Date(0), l: [1, , 3], e: new RangeError('r') }, {}).e instanceof RangeError¦true",
                "(o => { o.o = o; const c = structuredClone(o); return c.o === c && c !== o; })({})¦true",
                "structuredClone(new Map([[{ a: 1 }, new Set([new Uint8Array([7])])]])).values().next().value.values().next().value[0]¦7",
                "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())¦true",
                "new Set(crypto.getRandomValues(new Uint32Array(8))).size > 6¦true",
                "await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc')).then(b => new Uint8Array(b).toHex())¦\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
                "await new Promise(done => setTimeout(done, 1, 'v'))¦\"v\"",
                "await new Promise(done => { let n = 0; const i = setInterval(() => { if (++n === 3) { clearInterval(i); done(n); } }); })¦3",
                "await new Promise(done => { const t = setTimeout(done, 1, 'no'); clearTimeout(t); setTimeout(done, 5, 'yes'); })¦\"yes\"",
                "await new Promise(done => { const l = []; queueMicrotask(() => l.push('m')); setTimeout(() => { l.push('t'); done(l); }); l.push('s'); })¦[\"s\",\"m\",\"t\"]",
                "performance.now() > 0 && performance.now() < 20000¦true",
                "(c => { c.abort(); return [c.signal.aborted, c.signal.reason.name, c.signal.reason.code]; })(new AbortController())¦[true,\"AbortError\",20]",
                "await new Promise(done => AbortSignal.any([AbortSignal.timeout(2)]).addEventListener('abort', e => done([e.type, e.target.reason.name])))¦[\"abort\",\"TimeoutError\"]",
                "Temporal.PlainDate.from('2026-01-31').add({ months: 1 })¦\"2026-02-28\"",
                "Temporal.ZonedDateTime.from('2026-03-28T02:30[Europe/Berlin]').add({ days: 1 })¦\"2026-03-29T03:30:00+02:00[Europe/Berlin]\"",
                "new Date(0).toTemporalInstant()¦\"1970-01-01T00:00:00Z\"",
                "new Intl.DateTimeFormat('de', { dateStyle: 'long' }).format(Temporal.PlainDate.from('2026-01-31'))¦\"31. Januar 2026\"",
                "new Intl.NumberFormat('de-DE', { style: 'unit', unit: 'kilogram' }).format(1234.5)¦\"1.234,5 kg\"",
                "new Decimal('0.1').plus('0.2').times('12345678901234567890123456789')¦\"3703703670370370367037037036.7\"",
                "[...charset.encode('€ü', 'windows-1252')]¦[128,252]",
                "charset.decode(charset.encode('Łódź', 'iso-8859-2'), 'latin2')¦\"Łódź\"",
                "xml.parse('<a x=\"1&lt;\" xmlns:q=\"u\"><b>1</b> <q:c/><b><![CDATA[<z>]]></b></a>')¦{\"a\":{\"@xmlns:q\":\"u\",\"@x\":\"1<\",\"b\":[{\"#text\":\"1\"},{\"#text\":\"<z>\"}],\"q:c\":[{}]}}",
                "xml.parse('<q:a xmlns:q=\"u\"><q:b/></q:a>', { prefixes: false })¦{\"a\":{\"b\":[{}]}}",
                "xml.stringify(xml.parse('<p>a <b>c</b> d<i/></p>', { as: 'nodes' }), { declaration: false })¦\"<p>a <b>c</b> d<i/></p>\"",
                "[...xml.elements('<r><i n=\"1\"/><i n=\"2\"><i/></i></r>', 'i')]¦[{\"@n\":\"1\"},{\"@n\":\"2\",\"i\":[{}]}]",
                "xml.stringify({ o: { '@a': '<\"', i: [{ '#text': 1 }, new Decimal('2.5'), 'x&y'] } }, { declaration: false })¦\"<o a=\\\"&lt;&quot;\\\"><i>1</i><i>2.5</i><i>x&amp;y</i></o>\"",
                "csv.parse('a;b\\r\\n1;\"x;\"\"y\"\\r\\n', { header: true })¦[{\"a\":\"1\",\"b\":\"x;\\\"y\"}]",
                "Object.keys(csv.parse('__proto__,b\\n1,2', { header: true })[0])¦[\"__proto__\",\"b\"]",
                "csv.stringify([{ a: 1, b: 'x,\"y\"', c: null }, { a: 2n }])¦\"a,b,c\\r\\n1,\\\"x,\\\"\\\"y\\\"\\\"\\\",\\r\\n2,,\"",
                "hl7.get(hl7.parse('MSH|^~\\\\&|A\\rPID|||1^^^S&T~2||M\\\\T\\\\M^Jo'), 'PID-5.1')¦\"M&M\"",
                "hl7.stringify(hl7.set(hl7.parse('MSH|^~\\\\&|A'), 'OBX[2]-5.2', 'a|b'))¦\"MSH|^~\\\\&|A\\rOBX\\rOBX|||||^a\\\\F\\\\b\\r\"",
            })
    void platform_is_as_its_standards_say(String expression, String json) {
        assertThat(pool.result("return " + expression + ";")).isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            value = {
                "const u = new URL('no');¦TypeError: Invalid URL: no¦11",
                "structuredClone({ f() {} });¦DataCloneError: A function cannot be cloned¦1",
                "atob('%');¦InvalidCharacterError: atob: the text is not Base64¦1",
                "Uint8Array.fromHex('0');¦SyntaxError: fromHex: the text is not hexadecimal¦1",
                "new TextDecoder('klingon');¦RangeError: TextDecoder: there is no charset \"klingon\" here¦1",
                "new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff]));¦TypeError: decode: the bytes are not utf-8¦1",
                "charset.encode('a→', 'windows-1252');¦TypeError: charset.encode: windows-1252 has no \"→\" (U+2192), at index 1¦1",
                "crypto.getRandomValues([1]);¦TypeMismatchError: getRandomValues takes a typed array of integers¦1",
                "await crypto.subtle.digest('MD5', new Uint8Array(1));¦NotSupportedError: digest knows SHA-1, SHA-256, SHA-384 and SHA-512¦7",
                "xml.parse('<a><b></a>');¦SyntaxError: xml.parse: The element type \"b\" must be terminated by the matching end-tag \"</b>\". (line 1, column 9)¦1",
                "xml.parse('<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>');¦SyntaxError: xml.parse: the entity &x; is not known¦1",
                "xml.parse('<a>'.repeat(500));¦SyntaxError: xml.parse: elements are nested more than 400 deep¦1",
                "xml.stringify({ a: { b: [{ '1c': '' }] } });¦TypeError: xml.stringify: /a/b[0]/1c has \"1c\", which is no name in XML¦1",
                "csv.parse('a,b\\n1', { header: true });¦SyntaxError: csv.parse: row 2 has 1 fields, and there are 2 columns¦1",
                "csv.parse('a,\"b\\n1');¦SyntaxError: csv.parse: Quoted field unterminated in row 1¦1",
                "csv.stringify([{ a: {} }]);¦TypeError: csv.stringify: the value at $[0][\"a\"] is an object¦1",
                "csv.parse('', { headers: true });¦TypeError: csv.parse has no option \"headers\"; it has: header, delimiter¦1",
                "hl7.parse('PID|1');¦SyntaxError: hl7: a message begins with MSH¦1",
                "new Decimal('1,5');¦Error: [DecimalError] Invalid argument: 1,5¦1",
                "Temporal.PlainDate.from('2026-02-30');¦RangeError¦1",
                "setTimeout('code');¦TypeError: setTimeout takes a function, not string¦1",
                "setTimeout(() => { throw new Error('late') }, 1); await sleep(500);¦Error: late (thrown in a callback)¦26",
                "AbortSignal.abort(new Error('mine')).throwIfAborted();¦Error: mine¦19",
                "return new Uint8Array(1);¦TypeError: The result at $ is a Uint8Array, which JSON cannot hold: give it as text: bytes.toBase64()¦1",
                "return { a: [new URLSearchParams()] };¦TypeError: The result at $.a[0] is a URLSearchParams, which JSON cannot hold: give it as text: String(value)¦1",
                "return { s: AbortSignal.abort() };¦TypeError: The result at $.s is an AbortSignal, which JSON cannot hold¦1",
            })
    void errors_of_the_platform_name_the_script_only(String source, String message, int column) {
        ScriptError error = pool.error("\n" + source);
        assertThat(error.message()).startsWith(message);
        assertThat(error.line()).as("%s", error).isEqualTo(2);
        assertThat(error.column()).as("%s", error).isEqualTo(column);
        assertThat(error.stack()).doesNotContain("platform").doesNotContain("bootstrap");
    }

    @Test
    void console_has_tables_clocks_counters_and_groups() {
        TestPool.Host host = new TestPool.Host();
        pool.run(
                "console.table([{ a: 1, b: 'x' }, { a: 20 }]); console.group('g'); console.log('in'); console.groupEnd(); console.log('out');"
                        + " console.assert(true); console.assert(false, 'bad', 1); console.count(); console.count(); console.time('t'); console.timeEnd('t'); console.timeEnd('t');",
                host);
        assertThat(host.texts())
                .startsWith(
                        "  | a  | b\n0 | 1  | x\n1 | 20 |",
                        "g",
                        "  in",
                        "out",
                        "Assertion failed: bad 1",
                        "default: 1",
                        "default: 2");
        assertThat(host.texts().get(7)).matches("t: \\d+\\.\\d{3} ms");
        assertThat(host.texts().getLast()).isEqualTo("console.timeEnd: there is no \"t\"; begin with console.time");
    }

    @Test
    void quiet_signal_and_cleared_timers_leave_no_notice() {
        TestPool.Host host = new TestPool.Host();
        ScriptOutcome outcome = pool.run(
                "AbortSignal.timeout(60000); clearTimeout(setTimeout(() => 1, 60000)); clearInterval(setInterval(() => 1)); return 'ok';",
                host);
        assertThat(outcome.resultJson()).isEqualTo("\"ok\"");
        assertThat(host.texts()).isEmpty();
    }

    @Test
    void values_of_the_platform_cross_as_text() {
        TestPool.Host host = new TestPool.Host();
        ScriptOutcome outcome = pool.run("""
                await state.set('v', { url: new URL('http://a/b'), sum: new Decimal('1e30'), day: Temporal.PlainDate.from('2026-01-31'), m: hl7.parse('MSH|^~\\\\&|A') });
                log.info('v', { url: new URL('http://a'), bytes: new Uint8Array(2) });
                return await state.get('v');
                """, host);
        assertThat(outcome.error()).isNull();
        assertThat(outcome.resultJson())
                .isEqualTo(
                        "{\"url\":\"http://a/b\",\"sum\":\"1000000000000000000000000000000\",\"day\":\"2026-01-31\","
                                + "\"m\":{\"segments\":[{\"name\":\"MSH\",\"fields\":[[[[\"|\"]]],[[[\"^~\\\\&\"]]],[[[\"A\"]]]]}]}}");
        assertThat(host.lines.element().dataJson()).isEqualTo("{\"url\":\"http://a/\",\"bytes\":\"[a Uint8Array]\"}");
    }

    @Test
    void globals_are_there_also_for_a_script_that_does_not_name_them() {
        assertThat(pool.result("return ['URL', 'Tem' + 'poral'].map(name => typeof globalThis[name]);"))
                .isEqualTo("[\"function\",\"object\"]");
        assertThat(pool.result("return (0, eval)('typeof U' + 'RL');")).isEqualTo("\"function\"");
        assertThat(pool.result("const URL = 1; { let xml = 2; return [URL, xml]; }"))
                .isEqualTo("[1,2]");
        assertThat(pool.result("globalThis.URL = 5; return URL;")).isEqualTo("5");
    }

    @Test
    void poisoned_prototypes_harm_their_own_run_only() {
        ScriptOutcome poisoned = pool.run(
                "for (const type of [Array, String, RegExp, Map]) for (const name of Object.getOwnPropertyNames(type.prototype)) if (name !== 'constructor' && name !== 'length') try { type.prototype[name] = () => { throw new Error('evil'); }; } catch {}\n"
                        + "Uint8Array.fromBase64 = URL.prototype = null; new URL('http://ü/?a'); return 1;");
        assertThat(poisoned.kind()).isNotEqualTo(ScriptOutcome.Kind.LIMIT_EXCEEDED);
        assertThat(
                        pool.result(
                                "return [new URL('http://ü/?a').href, Uint8Array.fromBase64('AQ==').length, xml.parse('<a/>')];"))
                .isEqualTo("[\"http://xn--tda/?a\",1,{\"a\":{}}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "const all = []; for (;;) all.push(new TextEncoder().encode('x'.repeat(1e7)));",
                "return new Decimal('1e9000000').toFixed().length;",
                "return csv.parse('a,'.repeat(5e7)).length;",
                "return xml.parse('<a>' + '<b c=\"d\"/>'.repeat(8e6) + '</a>').a.b.length;",
                "setInterval(() => 1, 0); await new Promise(() => {});",
                "let d = new Decimal(2); for (;;) d = d.pow(3).mod('1e90').plus(1);",
                "for (;;) structuredClone(new Array(1e5).fill(0));",
            })
    void abuse_of_the_platform_ends_by_the_limits_of_its_run(String source) {
        ScriptOutcome outcome = pool.run(source, new TestPool.Host(), Duration.ofSeconds(4));
        assertThat(outcome.kind()).isIn(ScriptOutcome.Kind.TIMED_OUT, ScriptOutcome.Kind.LIMIT_EXCEEDED);
        pool.awaitReady(1);
        assertThat(pool.result("return new URL('http://a/').host;")).isEqualTo("\"a\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for (let i = 0; i < 1e6; i++) AbortSignal.timeout(1e9);",
                "for (let i = 0; i < 1e6; i++) setTimeout(() => 1, 1e9);",
            })
    void timers_are_counted(String source) {
        assertThat(pool.error(source).message()).isEqualTo("RangeError: More than 1000 calls at once");
    }

    // ---- What authors need, without a library of their own ----

    @Test
    void odm_of_two_megabytes_is_parsed() {
        String items = IntStream.range(0, 100)
                .mapToObj("      <ItemData ItemOID=\"I.VS.%03d\" Value=\"1.5\"/>\n"::formatted)
                .collect(Collectors.joining());
        String subject = "<SubjectData SubjectKey=\"S\"><StudyEventData><FormData><ItemGroupData>" + items
                + "</ItemGroupData></FormData></StudyEventData></SubjectData>";
        String odm = "<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\"><ClinicalData StudyOID=\"S1\">"
                + subject.repeat(400) + "</ClinicalData></ODM>";
        assertThat(odm.length()).isGreaterThan(2_000_000);
        ScriptOutcome outcome =
                pool.run("""
                const { ODM } = xml.parse(params.odm);
                let values = 0;
                for (const subject of ODM.ClinicalData[0].SubjectData) {
                  for (const group of subject.StudyEventData[0].FormData[0].ItemGroupData) values += group.ItemData.length;
                }
                let subjects = 0;
                for (const subject of xml.elements(params.odm, 'SubjectData')) if (subject['@SubjectKey'] === 'S') subjects++;
                return { study: ODM.ClinicalData[0]['@StudyOID'], values, subjects };
                """, true, "{\"odm\":\"" + odm.replace("\"", "\\\"").replace("\n", "\\n") + "\"}");
        assertThat(outcome.error()).isNull();
        assertThat(outcome.resultJson()).isEqualTo("{\"study\":\"S1\",\"values\":40000,\"subjects\":400}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            value = {
                // 4: CSV of a laboratory in windows-1252, read and written
                "const bytes = Uint8Array.fromBase64('UHJvYmU7RWluaGVpdDtXZXJ0DQoxO7VnL2w7NCw1DQo='); const rows = csv.parse(new TextDecoder('windows-1252').decode(bytes), { header: true });"
                        + " return [rows, charset.encode(csv.stringify(rows, { delimiter: ';' }) + '\\r\\n', 'windows-1252').toBase64() === bytes.toBase64()];¦[[{\"Probe\":\"1\",\"Einheit\":\"µg/l\",\"Wert\":\"4,5\"}],true]",
                // 5: HL7 that arrives as Base64
                "const message = hl7.parse(new TextDecoder().decode(Uint8Array.fromBase64('TVNIfF5+XCZ8TEFCfHx8fDIwMjYwMTMxfHxPUlVeUjAxfDd8UHwyLjUNT0JYfDF8Tk18R0xVfHw1LjQNT0JYfDJ8Tk18TkF8fDE0MA0=')));"
                        + " return [hl7.get(message, 'MSH-9.2'), hl7.all(message, 'OBX').map(x => [hl7.get(x, 'OBX-3'), Number(hl7.get(x, 'OBX-5'))])];¦[\"R01\",[[\"GLU\",5.4],[\"NA\",140]]]",
                // 6: a webhook's signature, and a JWT
                "const bytes = text => new TextEncoder().encode(text); const key = await crypto.subtle.importKey('raw', bytes('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);"
                        + " const sign = async text => new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes(text))); const url = { alphabet: 'base64url', omitPadding: true };"
                        + " const head = bytes('{\"alg\":\"HS256\"}').toBase64(url) + '.' + bytes('{\"sub\":\"1\"}').toBase64(url); const jwt = head + '.' + (await sign(head)).toBase64(url);"
                        + " return [(await sign('The quick brown fox jumps over the lazy dog')).toHex(), jwt.split('.').length, await crypto.subtle.verify('HMAC', key, Uint8Array.fromBase64(jwt.split('.')[2], url), bytes(head))];¦[\"f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8\",3,true]",
                // 7: visits across time zones and daylight saving
                "const visit = Temporal.ZonedDateTime.from('2026-03-22T09:00[America/New_York]'); const next = visit.add({ weeks: 1 }).withTimeZone('Europe/Berlin');"
                        + " return [next, next.toInstant(), visit.until(next, { largestUnit: 'hours' }), Temporal.PlainDate.from('2026-03-29').until('2026-04-12').days];"
                        + "¦[\"2026-03-29T15:00:00+02:00[Europe/Berlin]\",\"2026-03-29T13:00:00Z\",\"PT168H\",14]",
                // 9: what was seen before, by the hash of its content
                "const hash = async value => new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(value)))).toHex(); const seen = new Set((await state.get('seen')) ?? []);"
                        + " const fresh = []; for (const item of [{ a: 1 }, { a: 2 }, { a: 1 }]) { const key = await hash(item); if (!seen.has(key)) { seen.add(key); fresh.push(item); } } await state.set('seen', [...seen]); return fresh;¦[{\"a\":1},{\"a\":2}]",
                // 12: addresses built from parts, deep copies, a UUID
                "const address = new URL('/fhir/Patient', 'https://api.example/base/'); address.searchParams.set('name', 'Åsa & Bo'); address.searchParams.append('_count', 50);"
                        + " const copy = structuredClone({ a: new Date(0), b: [1] }); copy.b.push(2); return [address.pathname + address.search, copy, crypto.randomUUID().length];"
                        + "¦[\"/fhir/Patient?name=%C3%85sa+%26+Bo&_count=50\",{\"a\":\"1970-01-01T00:00:00.000Z\",\"b\":[1,2]},36]",
                // 13: sums of numeric without loss
                "return ['12345678901234567890.123456789', '0.000000001', '-0.1'].reduce((sum, value) => sum.plus(value), new Decimal(0));¦\"12345678901234567890.02345679\"",
            })
    void tasks_of_authors_need_no_pasted_library(String source, String json) {
        assertThat(pool.result(source)).isEqualTo(json);
    }
}
