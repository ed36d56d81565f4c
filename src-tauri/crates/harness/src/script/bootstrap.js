// Evaluated once in each engine. Keeps its own references, so that a script which overwrites a global cannot change how results are read.
(function () {
  "use strict";
  const { parse, stringify } = JSON;
  const Compile = Function;
  const text = String;
  const compiled = new Map();
  const modules = new Map();
  const KEPT = 256;

  class Unavailable extends Error {
    constructor(what) {
      super(what);
      this.name = "PlaybookUnavailable";
    }
  }
  const absent = (what) => () => {
    throw new Unavailable(what);
  };
  const silent = () => undefined;
  globalThis.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent, trace: silent };
  for (const name of ["require", "fetch", "setTimeout", "setInterval", "setImmediate", "Buffer", "URL", "URLSearchParams", "TextEncoder", "TextDecoder", "crypto", "XMLHttpRequest"])
    Object.defineProperty(globalThis, name, { configurable: true, get: absent("`" + name + "`"), set(value) { Object.defineProperty(globalThis, name, { configurable: true, writable: true, value }); } });
  const clone = (value) => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(clone);
    const copy = {};
    for (const key of Object.keys(value)) copy[key] = clone(value[key]);
    return copy;
  };
  globalThis.structuredClone = clone;
  const shim = {
    env: new Proxy({}, { get: absent("`process.env`"), has: absent("`process.env`"), ownKeys: absent("`process.env`") }),
    mainModule: { require: absent("`require`") },
  };

  const encode = (value) => {
    const type = value === null ? "null" : typeof value;
    if (type === "undefined" || type === "function" || type === "symbol") return stringify({ type, text: type === "function" ? text(value) : type });
    if (type === "number") return stringify({ type, value, text: text(value) });
    if (type === "bigint") return stringify({ type, text: text(value) });
    return stringify({ type, value });
  };
  const settle = (value) => (value !== null && typeof value === "object" && typeof value.then === "function" ? value.then(encode) : encode(value));
  const remember = (map, key, value) => {
    if (map.size >= KEPT) map.delete(map.keys().next().value);
    map.set(key, value);
    return value;
  };

  // A function body with parameters. `process` is there as in promptfoo, without what it can do.
  function call(parameters, body, args) {
    const key = parameters + "\u0000" + body;
    let f = compiled.get(key);
    if (f === undefined) f = remember(compiled, key, new Compile(...(parameters === "" ? [] : parameters.split(",")), "process", body));
    return settle(f(...parse(args), shim));
  }

  // A CommonJS file.
  function load(key, source) {
    const module = { exports: {} };
    new Compile("module", "exports", "require", "process", source)(module, module.exports, absent("`require`"), shim);
    return remember(modules, key, module.exports);
  }
  function keep(key, exports) {
    remember(modules, key, exports);
  }
  const has = (key) => modules.has(key);

  // What a file exports, found as promptfoo finds it: the default export before the module, then the name in it.
  function exported(key, name) {
    const module = modules.get(key);
    const inner = (module && module.default && module.default.default) || (module && module.default) || module;
    if (name === "") return inner;
    if (inner !== null && inner !== undefined && inner[name] !== undefined) return inner[name];
    return module === null || module === undefined ? undefined : module[name];
  }
  function callExport(key, name, args) {
    const f = exported(key, name);
    if (typeof f !== "function") throw new TypeError(name === "" ? "the file does not export a function" : "the file does not export a function called " + name);
    return settle(f(...parse(args)));
  }
  const readExport = (key, name) => encode(exported(key, name));
  globalThis.__playbookExport = exported;
  return { call, load, keep, has, callExport, readExport };
})();
