"""Is a knowledge folder right? Everything that is wrong with it is said at once, with the place and what to write."""
