extension String {
    /// The text as a literal of SQL, for statements that are shown to somebody; those that are run have parameters.
    package var sqlLiteral: String { "'\(replacing("'", with: "''"))'" }
}
