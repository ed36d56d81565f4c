// Renders as promptfoo does: Nunjucks without escaping, undefined as nothing, the environment as `env`, and a filter `load`.
// Templates are compiled once and kept, since compiling costs a hundred times as much as rendering.
(function () {
  "use strict";
  const { Environment, Template } = globalThis.nunjucks;
  const KEPT = 256;
  const environments = new Map();

  function environment(filters) {
    const key = filters.map(([name, module]) => name + "\u0000" + module).join("\u0001");
    let found = environments.get(key);
    if (found === undefined) {
      const nunjucks = new Environment(null, { autoescape: false });
      nunjucks.addFilter("load", (text) => JSON.parse(text));
      for (const [name, module] of filters) nunjucks.addFilter(name, globalThis.__playbookExport(module, ""));
      found = { nunjucks, templates: new Map() };
      if (environments.size >= 16) environments.clear();
      environments.set(key, found);
    }
    return found;
  }

  function renderText(text, vars, env, filters) {
    const { nunjucks, templates } = environment(filters);
    let template = templates.get(text);
    if (template === undefined) {
      template = new Template(text, nunjucks, undefined, true);
      if (templates.size >= KEPT) templates.delete(templates.keys().next().value);
      templates.set(text, template);
    }
    nunjucks.addGlobal("env", env);
    return template.render(vars);
  }

  function renderValue(value, vars, env) {
    if (typeof value === "string") return renderText(value, vars, env, []);
    if (Array.isArray(value)) return value.map((item) => renderValue(item, vars, env));
    if (value === null || typeof value !== "object") return value;
    const rendered = {};
    for (const key of Object.keys(value)) rendered[key] = renderValue(value[key], vars, env);
    return rendered;
  }

  const hasKey = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

  // Only what names the environment; a variable of a test is rendered later, when the test is known.
  function renderEnvironment(value, env) {
    if (typeof value === "string")
      return value.replace(/\{\{(?:[^}]|\}(?!\}))*\}\}/g, (tag) => {
        if (!/\benv\.|env\[/.test(tag)) return tag;
        const name = /env\.(\w+)|env\[['"]([^'"]+)['"]\]/.exec(tag);
        const key = name && (name[1] || name[2]);
        if (!tag.includes("|") && !(key && hasKey(env, key))) return tag;
        try {
          return renderText(tag, { env }, env, []);
        } catch {
          return tag;
        }
      });
    if (Array.isArray(value)) return value.map((item) => renderEnvironment(item, env));
    if (value === null || typeof value !== "object") return value;
    const rendered = {};
    for (const key of Object.keys(value)) rendered[key] = key === "_conversation" ? value[key] : renderEnvironment(value[key], env);
    return rendered;
  }

  // A variable may name another one; five rounds, one tag of each variable a round.
  function resolveVariables(vars) {
    for (let round = 0, changed = true; changed && round < 5; round++) {
      changed = false;
      for (const key of Object.keys(vars)) {
        if (typeof vars[key] !== "string") continue;
        const tag = /\{\{\s*(\w+)\s*\}\}/.exec(vars[key]);
        if (tag === null || vars[tag[1]] === undefined) continue;
        vars[key] = vars[key].replace(tag[0], vars[tag[1]]);
        changed = true;
      }
    }
  }

  // Text with an opened and never closed tag is taken literally.
  function literalIfBroken(text) {
    const broken = /({%[^%]*$|{{[^}]*$|{#[^#]*$)/m.test(text);
    const literal = /{%\s*raw\s*%}/.test(text) && /{%\s*endraw\s*%}/.test(text);
    return broken && !literal ? "{% raw %}" + text + "{% endraw %}" : text;
  }

  function namesIn(text) {
    const names = new Set();
    const bare = text.replace(/\{#[\s\S]*?#\}/g, "");
    for (const tag of bare.matchAll(/\{\{\s*([^{}\s|]+)\s*(?:\|[^}]+)?\}\}|\{%\s*(?:if|for)\s+([^{}\s]+)\s*.*?%\}/g)) names.add(tag[1] || tag[2]);
    for (const loop of bare.matchAll(/\{%\s*for\s+(\w+)\s+in\s+(\w+)\s*%\}/g)) {
      names.delete(loop[1]);
      names.add(loop[2]);
    }
    return names;
  }

  // A variable's own text is a template too, unless it speaks of something that the test does not have.
  function speaksOfUnknown(text, vars) {
    for (const name of namesIn(text)) {
      const root = /^[A-Za-z_]\w*/.exec(name);
      if (root && root[0] !== "env" && vars[root[0]] === undefined) return true;
    }
    return false;
  }

  function renderPrompt(raw, vars, env, filters) {
    for (const key of Object.keys(vars)) if (typeof vars[key] === "string") vars[key] = vars[key].replace(/\n$/, "");
    resolveVariables(vars);
    let prompt;
    try {
      prompt = JSON.stringify(renderValue(JSON.parse(raw), vars, env), null, 2);
    } catch {
      const rendered = {};
      for (const key of Object.keys(vars)) {
        const value = vars[key];
        rendered[key] = typeof value !== "string" || speaksOfUnknown(value, vars) ? value : renderText(literalIfBroken(value), vars, env, filters);
      }
      prompt = renderText(literalIfBroken(raw), rendered, env, filters);
    }
    return { prompt, vars };
  }

  // For judges: objects become JSON text, also inside lists; a prompt that is JSON is rendered text by text.
  function renderRubric(prompt, vars, env) {
    const isObject = (value) => value !== null && typeof value === "object";
    const flat = {};
    for (const key of Object.keys(vars)) {
      const value = vars[key];
      if (Array.isArray(value)) flat[key] = value.map((item) => (isObject(item) ? JSON.stringify(item) : item));
      else flat[key] = isObject(value) ? JSON.stringify(value) : value;
    }
    try {
      return JSON.stringify(JSON.parse(prompt, (_, value) => (typeof value === "string" ? renderText(value, flat, env, []) : value)));
    } catch {
      return renderText(prompt, flat, env, []);
    }
  }

  // A raw HTTP request: only `{{...}}` is a template, every other brace is text.
  function renderRawRequest(text, vars, env) {
    let working = "";
    let at = 0;
    for (const tag of text.matchAll(/\{\{[\s\S]*?\}\}/g)) {
      working += "{% raw %}" + text.slice(at, tag.index) + "{% endraw %}" + tag[0];
      at = tag.index + tag[0].length;
    }
    return renderText(working + "{% raw %}" + text.slice(at) + "{% endraw %}", vars, env, []);
  }

  module.exports = { renderText, renderValue, renderEnvironment, renderPrompt, renderRubric, renderRawRequest };
})();
