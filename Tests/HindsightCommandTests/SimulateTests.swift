import Hindsight
import HindsightValues
import Subprocess
import Testing

@Suite("simulate", .timeLimit(.minutes(5)))
struct SimulateTests {
    @Test func writesOrdersOfOneCustomerAndOneDayEach() async throws {
        try await ShopFixture.with { fixture in
            #expect(try await fixture.shop("simulate", "--orders", "150", "--seed", "7").status == .exited(0))
            let orders = Dictionary(grouping: try await fixture.events(), by: \.stream)
            #expect(orders.count == 150)
            let customer = /"customer":("[0-9]+"|null)/
            var customers: Set<Substring> = []
            for lines in orders.values {
                let ofOrder = Set(
                    lines.compactMap { String(decoding: $0.data, as: UTF8.self).firstMatch(of: customer)?.1 })
                #expect(ofOrder.count == 1)
                #expect(Set(lines.map { Day($0.occurredAt) }).count == 1)
                customers.formUnion(ofOrder)
            }
            #expect(customers.count > 20, "not everything is one customer's")
        }
    }

    @Test func writesTheSameOrdersForTheSameSeedOnce() async throws {
        try await ShopFixture.with { fixture in
            #expect(try await fixture.shop("simulate", "--orders", "20", "--seed", "3").status == .exited(0))
            let first = try await fixture.events()
            #expect(try await fixture.shop("simulate", "--orders", "30", "--seed", "3").status == .exited(0))
            let second = try await fixture.events()
            #expect(Array(second.prefix(first.count)) == first && second.count > first.count)
            #expect(try await fixture.shop("simulate", "--orders", "5", "--seed", "4").status == .exited(0))
            #expect(Set(try await fixture.events().map(\.stream)).count == 35)
        }
    }

    @Test(arguments: [["--orders", "0"], ["--orders", "many"], ["--seed", "-1"]])
    func refusesWhatIsNoNumberOfOrders(arguments: [String]) async throws {
        try await ShopFixture.with { fixture in
            let run = try await fixture.shop.run(["simulate"] + arguments)
            #expect(run.status != .exited(0))
            #expect(try await fixture.events().isEmpty)
        }
    }
}
