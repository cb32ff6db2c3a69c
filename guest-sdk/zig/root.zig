//! The root of an action's program. `flowhost build` makes a component of it.

const component = @import("flowhost").component;

comptime {
    component.exports(@import("action"));
}

pub const panic = component.panic;
