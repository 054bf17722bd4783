extension String {
    /// The text without trailing line ends and spaces, which libpq's messages have.
    func trimmingLineEnds() -> String {
        var text = self
        while text.last?.isWhitespace == true {
            text.removeLast()
        }
        return text
    }
}
