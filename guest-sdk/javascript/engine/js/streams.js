// Modules that packages load without a need: streams can be inherited from but
// not made, and an emitter of events is small.
(function (native, platform) {
  "use strict";
  const stream = (name) => {
    const made = {
      [name]: function () {
        throw new Error(`stream.${name} cannot be made in an action; ${platform.page}`);
      },
    };
    return made[name];
  };
  const Stream = stream("Stream");
  for (const name of ["Readable", "Writable", "Duplex", "Transform", "PassThrough"]) Stream[name] = stream(name);
  Stream.Stream = Stream;
  platform.modules.set("stream", () => Stream);

  class EventEmitter {
    #listeners = new Map();
    on(name, call) {
      if (typeof call !== "function") throw platform.invalidArgument("listener", "of type function", call);
      this.#listeners.set(name, [...this.listeners(name), call]);
      return this;
    }
    once(name, call) {
      const once = (...values) => {
        this.off(name, once);
        call.apply(this, values);
      };
      return this.on(name, once);
    }
    off(name, call) {
      this.#listeners.set(name, this.listeners(name).filter((other) => other !== call));
      return this;
    }
    emit(name, ...values) {
      const listeners = this.listeners(name);
      if (listeners.length === 0 && name === "error") throw values[0];
      for (const call of listeners) call.apply(this, values);
      return listeners.length > 0;
    }
    listeners(name) {
      return this.#listeners.get(name) ?? [];
    }
    listenerCount(name) {
      return this.listeners(name).length;
    }
    removeAllListeners(name) {
      if (name === undefined) this.#listeners.clear();
      else this.#listeners.delete(name);
      return this;
    }
  }
  Object.assign(EventEmitter.prototype, {
    addListener: EventEmitter.prototype.on, removeListener: EventEmitter.prototype.off,
  });
  EventEmitter.EventEmitter = EventEmitter;
  platform.modules.set("events", () => EventEmitter);
});
