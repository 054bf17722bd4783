// Nothing: a target is what a package needs to name the examples' programs.
