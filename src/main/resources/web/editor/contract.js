// What a script can use, read from the declarations that the service itself gives to editors: nothing is repeated here

/** The text between a bracket at `open` and the one that closes it. */
function enclosed(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if ('{([<'.includes(text[i])) depth++;
    if ('})]'.includes(text[i]) || (text[i] === '>' && text[i - 1] !== '=')) depth--;
    if (depth === 0) return text.slice(open + 1, i);
  }
  return text.slice(open + 1);
}

/** The members of a declaration's body, each with the comment before it. */
function members(body) {
  const found = [];
  let start = 0;
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    if (body.startsWith('/*', i)) {
      i = body.indexOf('*/', i) + 1;
      continue;
    }
    if ('{(['.includes(body[i])) depth++;
    if ('})]'.includes(body[i])) depth--;
    if (body[i] === ';' && depth === 0) {
      found.push(body.slice(start, i));
      start = i + 1;
    }
  }
  found.push(body.slice(start));
  return found.map(split).filter(member => member.code);
}

function split(text) {
  const [, comment = '', code = ''] = /^\s*(?:\/\*\*([\s\S]*?)\*\/)?([\s\S]*)$/.exec(text);
  return { about: prose(comment), code: code.replace(/\s+/g, ' ').trim() };
}

function prose(comment) {
  return comment.replace(/^\s*\*/gm, '').replace(/\s+/g, ' ').trim();
}

function option(name, signature, about, isFunction) {
  return {
    label: name,
    type: isFunction ? 'method' : 'property',
    detail: signature,
    info: about || undefined,
  };
}

/** The declarations as a map from each global's name to its completion and those of its members. */
export function readContract(declarations) {
  const callable = new Map();
  for (const match of declarations.matchAll(/interface (\w+) \{/g)) {
    const [first] = members(enclosed(declarations, match.index + match[0].length - 1));
    if (first?.code.startsWith('(')) callable.set(match[1], first.code);
  }
  const contract = new Map();
  for (const match of declarations.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?declare (const|function) (\w+)(.*)/g)) {
    const [, comment = '', kind, name, rest] = match;
    const about = prose(comment);
    if (kind === 'function') {
      contract.set(name, { option: { ...option(name, rest.replace(/;$/, ''), about, true), type: 'function' }, members: [] });
      continue;
    }
    const open = match.index + match[0].length - rest.length + rest.indexOf('{');
    const body = rest.includes('{') ? enclosed(declarations, open) : '';
    const known = new Map();
    for (const member of members(body)) {
      const [, property, signature] = /^(?:readonly )?(\w+)(.*)$/.exec(member.code) ?? [];
      if (!property || property === 'new' || known.has(property)) continue;
      const type = callable.get(signature.replace(/^: /, ''));
      known.set(property, option(property, type ?? signature, member.about, Boolean(type) || signature.startsWith('(')));
    }
    contract.set(name, {
      option: { label: name, type: 'variable', detail: body ? undefined : rest.replace(/;$/, ''), info: about || undefined, boost: 2 },
      members: [...known.values()],
    });
  }
  return contract;
}

/** Completes the contract's globals and what they have; `contract` is a promise of the map. */
export function completions(contract) {
  return async context => {
    const member = context.matchBefore(/(?<![\w$.])([A-Za-z_$]\w*)\.\w*/);
    const known = await contract;
    if (member) {
      const [name] = member.text.split('.');
      const options = known.get(name)?.members ?? [];
      return options.length ? { from: member.from + name.length + 1, options, validFor: /^\w*$/ } : null;
    }
    const word = context.matchBefore(/(?<![\w$.'"`])[A-Za-z_$]\w*/);
    if (!word && !context.explicit) return null;
    return { from: word ? word.from : context.pos, options: [...known.values()].map(entry => entry.option), validFor: /^\w*$/ };
  };
}
