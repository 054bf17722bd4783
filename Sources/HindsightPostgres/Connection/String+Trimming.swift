extension String {
    /// The text without line ends and spaces at its end, as libpq's messages have them.
    func trimmingLineEnds() -> String {
        var text = self
        while text.last?.isWhitespace == true {
            text.removeLast()
        }
        return text
    }
}
