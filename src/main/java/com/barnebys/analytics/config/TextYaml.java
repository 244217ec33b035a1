package com.barnebys.analytics.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML as names with text and nothing else: {@code 0123}, {@code 1e5}, {@code yes} and {@code null} stay what they
 * were written as. A list of scalars is joined by commas. Nothing is constructed, so no tag can name a class.
 *
 * <p>Messages of the parser are not passed on: they quote the line, and the line may hold a secret.
 */
final class TextYaml {
    private static final String SYNTAX =
            "expected: YAML, with blanks for tabs; quote a value that has ': ' or ' #' in it or begins with one of * & ! | > % @ ` [ {";

    private final String source;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<Mistake> mistakes = new ArrayList<>();

    private TextYaml(String source) {
        this.source = source;
    }

    static Part parse(Layer layer, String source, String text) {
        TextYaml yaml = new TextYaml(source);
        yaml.read(text.startsWith("\uFEFF") ? text.substring(1) : text);
        return new Part(layer, source, yaml.values, yaml.mistakes);
    }

    private void read(String text) {
        LoaderOptions options = new LoaderOptions();
        Node root;
        try {
            root = new Composer(new ParserImpl(new StreamReader(text), options), new PlainResolver(), options)
                    .getSingleNode();
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            mistakes.add(new Mistake("YAML", "not readable", at(mark), SYNTAX));
            return;
        } catch (YAMLException e) {
            mistakes.add(new Mistake("YAML", "not readable", source, SYNTAX));
            return;
        }
        if (root instanceof MappingNode map) {
            map.getValue().forEach(this::entry);
        } else if (root != null) {
            mistakes.add(new Mistake("YAML", "no names", at(root.getStartMark()), "expected: lines of NAME: value"));
        }
    }

    private void entry(NodeTuple tuple) {
        Node key = tuple.getKeyNode();
        String where = at(key.getStartMark());
        if (!(key instanceof ScalarNode scalar)) {
            mistakes.add(new Mistake("YAML", "a name that is not text", where, "expected: lines of NAME: value"));
            return;
        }
        String name = scalar.getValue();
        String value = value(name, tuple.getValueNode(), where);
        if (value != null && values.putIfAbsent(name, value) != null) {
            mistakes.add(new Mistake(name, "said twice", where, "expected: once in a file"));
        }
    }

    private @Nullable String value(String name, Node node, String where) {
        if (node instanceof ScalarNode scalar) {
            return text(name, scalar, where);
        }
        if (!(node instanceof SequenceNode list)) {
            mistakes.add(new Mistake(name, "a nested map", where, "expected: a value; names are flat"));
            return null;
        }
        StringJoiner joined = new StringJoiner(",");
        for (Node element : list.getValue()) {
            if (!(element instanceof ScalarNode scalar)) {
                mistakes.add(new Mistake(name, "a list of lists or maps", where, "expected: a list of values"));
                return null;
            }
            String text = text(name, scalar, where);
            if (text == null) {
                return null;
            }
            if (text.indexOf(',') >= 0) {
                // Joined it would become two values, for a secret two weak ones.
                mistakes.add(new Mistake(name, "a comma within a list element", where, "expected: one value each"));
                return null;
            }
            joined.add(text);
        }
        return joined.toString();
    }

    private @Nullable String text(String name, ScalarNode scalar, String where) {
        if (!scalar.getTag().equals(Tag.STR)) {
            mistakes.add(new Mistake(name, "a tagged value", where, "expected: no ! before it, or quotes around it"));
            return null;
        }
        return scalar.getValue();
    }

    private String at(@Nullable Mark mark) {
        return mark == null ? source : source + " line " + (mark.getLine() + 1);
    }

    /** Everything is text: no pattern turns a plain scalar into a number, a truth value, a date or nothing. */
    private static final class PlainResolver extends Resolver {
        @Override
        protected void addImplicitResolvers() {}
    }
}
