"""Runs one function of a script: JSON in by stdin, JSON out by the descriptor that stdout was."""
import asyncio, importlib.util, inspect, json, os, sys, traceback

request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
except (ImportError, ValueError, OSError):
    pass

# What the script prints must not be taken for its answer.
answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def reply(value):
    # Surrogates stand alone in JSON text that JavaScript accepts; escaping keeps them.
    answer.write(json.dumps(value))
    answer.flush()


try:
    if request.get("path"):
        path = request["path"]
        folder = os.path.dirname(os.path.abspath(path))
        if folder not in sys.path:
            sys.path.insert(0, folder)
        name = os.path.basename(path).rsplit(".", 1)[0]
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = module
        for part in request["function"].split("."):
            found = getattr(found, part)
    else:
        scope = {"__name__": "script"}
        exec(compile(request["code"], "script.py", "exec"), scope)
        found = scope[request["function"]]
    value = found(*request["arguments"])
    if inspect.iscoroutine(value):
        value = asyncio.run(value)
    reply({"value": value})
except MemoryError:
    reply({"memory": True})
except BaseException as error:
    reply({"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()[-4000:]})
