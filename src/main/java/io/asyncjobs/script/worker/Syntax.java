package io.asyncjobs.script.worker;

import com.oracle.js.parser.ErrorManager;
import com.oracle.js.parser.Parser;
import com.oracle.js.parser.ParserException;
import com.oracle.js.parser.ScriptEnvironment;
import com.oracle.js.parser.Source;
import com.oracle.js.parser.TokenType;
import com.oracle.js.parser.ir.AccessNode;
import com.oracle.js.parser.ir.BinaryNode;
import com.oracle.js.parser.ir.Block;
import com.oracle.js.parser.ir.Expression;
import com.oracle.js.parser.ir.ForNode;
import com.oracle.js.parser.ir.FunctionNode;
import com.oracle.js.parser.ir.IdentNode;
import com.oracle.js.parser.ir.IndexNode;
import com.oracle.js.parser.ir.LexicalContext;
import com.oracle.js.parser.ir.LoopNode;
import com.oracle.js.parser.ir.Node;
import com.oracle.js.parser.ir.ReturnNode;
import com.oracle.js.parser.ir.Symbol;
import com.oracle.js.parser.ir.ThrowNode;
import com.oracle.js.parser.ir.UnaryNode;
import com.oracle.js.parser.ir.WhileNode;
import com.oracle.js.parser.ir.visitor.NodeVisitor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the engine's own parser knows of a wrapped script: where it throws what may be no error, where it returns, and which
 * names it takes from other environments.
 */
final class Syntax {

    private static final int EDITION = 16;
    private static final String THROW = "throw";
    private static final String RETURN = "return";

    private static final String WEB = "use await http.get(connection, path) and its kind";
    private static final String MODULES = "a data script has no modules; it consists of one text";
    private static final String SURROUNDINGS =
            "a data script has no environment and no files; what it needs is in params";
    private static final String BROWSER = "a data script runs in no browser";

    /** Names that authors bring along from elsewhere, and what there is instead. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("setImmediate", "use queueMicrotask or await sleep(milliseconds)"),
            Map.entry("fetch", WEB),
            Map.entry("axios", WEB),
            Map.entry("XMLHttpRequest", WEB),
            Map.entry("WebSocket", WEB),
            Map.entry("require", MODULES),
            Map.entry("module", MODULES),
            Map.entry("exports", MODULES),
            Map.entry("process", SURROUNDINGS),
            Map.entry("Deno", SURROUNDINGS),
            Map.entry("__dirname", SURROUNDINGS),
            Map.entry("__filename", SURROUNDINGS),
            Map.entry("Buffer", "use Uint8Array for bytes, with TextEncoder and TextDecoder for their text"),
            Map.entry("DOMParser", "use xml.parse(text)"),
            Map.entry("window", BROWSER),
            Map.entry("document", BROWSER),
            Map.entry("localStorage", "use state.get and state.set"),
            Map.entry("alert", "use log.info"));

    /** An offset in the wrapped text. */
    record Place(int offset, String name) {}

    /** What may be refused of an object: a property that is set or deleted, or looked for with "in". */
    enum Use {
        SET,
        DELETE,
        IN
    }

    /** @param name of the property; null where it is computed */
    private record Refusable(Use use, @Nullable String name, int offset) {}

    private final List<Place> loops = new ArrayList<>();
    private final List<Refusable> refusable = new ArrayList<>();
    private final List<Integer> values = new ArrayList<>();
    private final List<Place> fromElsewhere = new ArrayList<>();

    private Syntax() {}

    /** Of a text that does not parse, nothing is known. */
    static Syntax of(String wrapped, boolean strict) {
        Syntax syntax = new Syntax();
        try {
            parse(wrapped, strict).accept(syntax.new Visitor(wrapped));
        } catch (ParserException | StackOverflowError e) {
            return new Syntax();
        }
        return syntax;
    }

    static boolean parses(String wrapped, boolean strict) {
        try {
            parse(wrapped, strict);
            return true;
        } catch (ParserException | StackOverflowError e) {
            return false;
        }
    }

    private static FunctionNode parse(String wrapped, boolean strict) {
        ScriptEnvironment environment = ScriptEnvironment.builder()
                .strict(strict)
                .ecmaScriptVersion(EDITION)
                .emptyStatements(true)
                .allowBigInt(true)
                .classFields(true)
                .privateFieldsIn(true)
                .build();
        return new Parser(environment, Source.sourceFor(Script.NAME, wrapped), new ErrorManager.ThrowErrorManager())
                .parse();
    }

    /** What there is instead of a name that a data script does not have; null for any other name. */
    static @Nullable String instead(String name) {
        return ELSEWHERE.get(name);
    }

    /** Where, after its keyword, a value is thrown that may be no error, or returned as the result; ascending. */
    List<Integer> values() {
        return values;
    }

    /**
     * The loop that lies in no other loop, if there is only one.
     *
     * @param function the name of the function it is in; null where it is not known
     */
    OptionalInt onlyLoop(@Nullable String function) {
        List<Place> named =
                loops.stream().filter(loop -> loop.name.equals(function)).toList();
        // The engine and its parser call some functions by other names
        List<Place> found = named.isEmpty() ? loops : named;
        return found.size() == 1 ? OptionalInt.of(found.getFirst().offset) : OptionalInt.empty();
    }

    /** Names that are used and declared nowhere, in their order. */
    List<Place> fromElsewhere() {
        return fromElsewhere;
    }

    /**
     * Where the property is used so, if that is in one place only. The engine does not say where it refused some of these.
     *
     * @param name null when any name will do
     */
    OptionalInt onlyUse(Use use, @Nullable String name) {
        List<Refusable> uses = refusable.stream().filter(one -> one.use == use).toList();
        List<Refusable> named = uses.stream()
                .filter(one -> name == null || name.equals(one.name))
                .toList();
        List<Refusable> candidates =
                named.isEmpty() ? uses.stream().filter(one -> one.name == null).toList() : named;
        return candidates.size() == 1 ? OptionalInt.of(candidates.getFirst().offset) : OptionalInt.empty();
    }

    private final class Visitor extends NodeVisitor<LexicalContext> {

        private final String wrapped;
        private final List<Place> used = new ArrayList<>();
        /** Declared anywhere, or asked for by typeof: the script knows what it does. */
        private final Set<String> known = new HashSet<>();

        private int functions;
        /** By function, how many loops are open; the innermost function is the last. */
        private final Deque<Integer> openLoops = new ArrayDeque<>();

        Visitor(String wrapped) {
            super(new LexicalContext());
            this.wrapped = wrapped;
        }

        @Override
        public boolean enterFunctionNode(FunctionNode function) {
            functions++;
            openLoops.addLast(0);
            return true;
        }

        @Override
        public Node leaveFunctionNode(FunctionNode function) {
            functions--;
            openLoops.removeLast();
            if (functions == 0) {
                values.sort(null);
                used.stream().filter(use -> !known.contains(use.name)).forEach(fromElsewhere::add);
            }
            return function;
        }

        @Override
        public boolean enterBlock(Block block) {
            for (Symbol symbol : block.getSymbols()) {
                known.add(symbol.getName());
            }
            return true;
        }

        @Override
        public boolean enterForNode(ForNode loop) {
            return enterLoop(loop);
        }

        @Override
        public Node leaveForNode(ForNode loop) {
            return leaveLoop(loop);
        }

        @Override
        public boolean enterWhileNode(WhileNode loop) {
            return enterLoop(loop);
        }

        @Override
        public Node leaveWhileNode(WhileNode loop) {
            return leaveLoop(loop);
        }

        private boolean enterLoop(LoopNode loop) {
            int open = openLoops.removeLast();
            if (open == 0) {
                loops.add(new Place(loop.getStart(), lc.getCurrentFunction().getName()));
            }
            openLoops.addLast(open + 1);
            return true;
        }

        private Node leaveLoop(LoopNode loop) {
            openLoops.addLast(openLoops.removeLast() - 1);
            return loop;
        }

        @Override
        public boolean enterThrowNode(ThrowNode thrown) {
            boolean made = thrown.getExpression() instanceof UnaryNode unary && unary.isTokenType(TokenType.NEW);
            if (!made && !thrown.isSyntheticRethrow()) {
                note(thrown.getStart(), THROW);
            }
            return true;
        }

        @Override
        public boolean enterReturnNode(ReturnNode returned) {
            // The program itself is one, the script's function the next
            if (functions == 2 && returned.getExpression() != null) {
                note(returned.getStart(), RETURN);
            }
            return true;
        }

        private void note(int start, String keyword) {
            if (wrapped.startsWith(keyword, start)) {
                values.add(start + keyword.length());
            }
        }

        @Override
        public boolean enterUnaryNode(UnaryNode unary) {
            if (unary.isTokenType(TokenType.TYPEOF) && unary.getExpression() instanceof IdentNode name) {
                known.add(name.getName());
            }
            if (unary.isTokenType(TokenType.DELETE)) {
                noteRefusable(Use.DELETE, unary.getExpression(), unary.getStart());
            } else if (unary.isAssignment()) {
                noteRefusable(Use.SET, unary.getExpression(), unary.getStart());
            }
            return true;
        }

        @Override
        public boolean enterBinaryNode(BinaryNode binary) {
            if (binary.isAssignment()) {
                noteRefusable(Use.SET, binary.getLhs(), binary.getStart());
            } else if (binary.isTokenType(TokenType.IN)) {
                refusable.add(new Refusable(Use.IN, null, binary.getStart()));
            }
            return true;
        }

        private void noteRefusable(Use use, Expression target, int offset) {
            if (target instanceof AccessNode access) {
                refusable.add(new Refusable(use, access.getProperty(), offset));
            } else if (target instanceof IndexNode) {
                refusable.add(new Refusable(use, null, offset));
            }
        }

        @Override
        public boolean enterIdentNode(IdentNode name) {
            if (!name.isPropertyName() && ELSEWHERE.containsKey(name.getName())) {
                used.add(new Place(name.getStart(), name.getName()));
            }
            return true;
        }
    }
}
