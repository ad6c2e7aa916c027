//! Running the program `scorelet` as a person or a script does.
