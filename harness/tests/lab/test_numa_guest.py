# SPDX-License-Identifier: MIT
# time limit: 180 s
"""Where pages go on machines with several NUMA nodes: in a guest with two, and in one with four
of which one has memory only. Every guest is booted once; each test looks at one thing in its results."""
import unittest
from pathlib import Path

import lab

PAGES = 4096                 # 16 MiB


POLICIES = """
scenario: policies
summary: Where the pages go under each policy.
matrix:
  numa: [{policies}]
  size: 16MiB
  hugepages: none
  placement: node
  threads: {threads}
  layout: shared
steps:
  - map
  - touch: {{access: write}}
  - unmap
repetitions: 2
"""

HELD = """
scenario: held
summary: Pages that stay while others look at them.
matrix:
  numa: [{policies}]
  size: 16MiB
  hugepages: none
  placement: node
steps:
  - map
  - touch: {{access: write}}
  - delay: {{duration: 3s}}
  - unmap
repetitions: 1
"""

FULL = """
scenario: full
summary: More than one node has, bound to it, and not bound.
matrix:
  numa: [bind 1, default]
  size: {size}
  hugepages: none
may_oom: true
steps: [map, {{touch: {{access: write}}}}]
repetitions: 2
"""

POOLS = """
scenario: pools
summary: Huge pages bound to the node that has them, and to one that has none.
matrix:
  numa: [bind 0, bind 1]
  flags: [private hugetlb, private hugetlb noreserve]
  size: 16MiB
steps: [map, {touch: {access: write}}]
repetitions: 2
"""

MOVED = """
scenario: moved
summary: Pages that move_pages() takes to the other node.
matrix: {size: 16MiB, hugepages: none, numa: bind 0}
steps: [map, {touch: {access: write}}, {move: {to: 1}}]
repetitions: 2
"""


class Numa(lab.Guest):
    def assert_shares(self, result, expected, **params):
        for shares in result.shares(**params):
            self.assertEqual(shares, expected, params)

    def assert_second_way(self, expected):
        """numa_maps, read by another process: policy and pages of each node."""
        seen = {}
        for line in (self.folder / "out" / "numa_maps").read_text(encoding="ascii").splitlines():
            _, policy, *nodes = line.split()
            seen.setdefault(policy, set()).add(tuple(nodes))
        for policy, nodes in expected.items():
            self.assertEqual(seen.get(policy), {nodes}, (policy, seen))

    def test_bound_to_a_full_node(self):
        full = self.result("full")
        self.assertEqual(full.outcomes(numa="bind 1"), {("oom-killed", "touch")})
        self.assertEqual(full.outcomes(numa="default"), {("ok", None)})
        # The kernel's own word: the policy was the reason, each time.
        constrained = (self.folder / "out" / "constrained").read_text(encoding="ascii")
        self.assertEqual(int(constrained), len(full.repetitions(numa="bind 1")))


class TwoNodes(Numa, unittest.TestCase):
    words = ("--nodes", "2", "--cpus", "2", "--memory", "640M,128M", "--pool", "0:2M:16")

    @classmethod
    def files(cls):
        policies = "default, local, remote, bind 1, preferred 1, interleave, 'interleave 0,1'"
        texts = {"policies": POLICIES.format(policies=policies, threads="1"),
                 "full": FULL.format(size="160MiB"), "pools": POOLS, "moved": MOVED,
                 "held": HELD.format(policies="bind 1, interleave")}
        paths = {name: lab.write(cls.folder, f"{name}.yaml", text) for name, text in texts.items()}
        crowd = POLICIES.replace("scenario: policies", "scenario: crowd").format(policies="default, bind 0", threads="2")
        paths["crowd"] = lab.write(cls.folder, "crowd.yaml", crowd)
        return [*paths.values(), "--script", Path(__file__).parent / "second_way.sh"]

    def test_topology(self):
        nodes = self.result("policies").document["host"]["nodes"]
        self.assertEqual([node["cpus"] for node in nodes], [1, 1])
        self.assertEqual([node["distance"] for node in nodes], [[10, 20], [20, 10]])

    def test_first_touch(self):
        # Worker 0 is bound to node 0: what it touches first lies there.
        for policy in ("default", "local"):
            self.assert_shares(self.result("policies"), [1, 0], numa=policy)

    def test_first_touch_by_two_workers(self):
        for shares in self.result("crowd").shares(numa="default"):
            self.assertEqual(shares, [0.5, 0.5])
        self.assert_shares(self.result("crowd"), [1, 0], numa="bind 0")

    def test_other_nodes(self):
        for policy in ("remote", "bind 1", "preferred 1"):
            self.assert_shares(self.result("policies"), [0, 1], numa=policy)

    def test_interleave_is_exact(self):
        for policy in ("interleave", "interleave 0,1"):
            self.assert_shares(self.result("policies"), [0.5, 0.5], numa=policy)

    def test_outcomes(self):
        self.assertEqual(self.result("policies").outcomes(), {("ok", None)})

    def test_pool_of_another_node(self):
        # Without a reservation mmap looks at no pool: the fault finds the bound node's empty.
        result = self.result("pools")
        for flags in ("private hugetlb", "private hugetlb noreserve"):
            self.assertEqual(result.outcomes(numa="bind 0", flags=flags), {("ok", None)})
        self.assertEqual(result.outcomes(numa="bind 1", flags="private hugetlb noreserve"), {("SIGBUS", "touch")})
        for skipped in result.repetitions(numa="bind 1", flags="private hugetlb"):
            self.assertEqual(skipped["outcome"], "skipped")
            self.assertIn("0 free 2 MiB pages on node 1", skipped["detail"])

    def test_moved_pages(self):
        self.assert_shares(self.result("moved"), [0, 1])

    def test_second_way(self):
        self.assert_second_way({"bind:1": (f"N1={PAGES}",),
                                "interleave:0-1": (f"N0={PAGES // 2}", f"N1={PAGES // 2}")})
        held = lab.Result(self.folder / "out" / "held.json")
        self.assert_shares(held, [0, 1], numa="bind 1")
        self.assert_shares(held, [0.5, 0.5], numa="interleave")


class FourNodes(Numa, unittest.TestCase):
    """The fourth has memory only, as a CXL device has, and is the farthest from all."""

    words = ("--nodes", "4", "--memory-only", "3", "--memory", "512M,128M,192M,192M",
             "--distances", "10,20,20,30/20,10,20,30/20,20,10,30/30,30,30,10")

    @classmethod
    def files(cls):
        policies = ("default, local, remote, bind 3, 'bind 1,3', preferred 3, 'preferred-many 1,2', interleave, "
                    "'interleave 1,3'")
        paths = [lab.write(cls.folder, "policies.yaml", POLICIES.format(policies=policies, threads="1")),
                 lab.write(cls.folder, "full.yaml", FULL.format(size="160MiB")),
                 lab.write(cls.folder, "held.yaml", HELD.format(policies="'preferred-many 1,2', interleave"))]
        crowd = POLICIES.replace("scenario: policies", "scenario: crowd").format(policies="default", threads="3")
        paths.append(lab.write(cls.folder, "crowd.yaml", crowd.replace("size: 16MiB", "size: 24MiB")))
        return [*paths, "--script", Path(__file__).parent / "second_way.sh"]

    def test_topology(self):
        nodes = self.result("policies").document["host"]["nodes"]
        self.assertEqual([node["cpus"] for node in nodes], [1, 1, 1, 0])
        self.assertEqual(nodes[0]["distance"], [10, 20, 20, 30])

    def test_one_node(self):
        result = self.result("policies")
        for policy in ("default", "local"):
            self.assert_shares(result, [1, 0, 0, 0], numa=policy)
        for policy in ("bind 3", "preferred 3", "remote"):      # remote is the farthest by distance
            self.assert_shares(result, [0, 0, 0, 1], numa=policy)

    def test_several_nodes(self):
        # From node 0, nodes 1 and 2 are equally near, and 1 nearer than 3.
        self.assert_shares(self.result("policies"), [0, 1, 0, 0], numa="bind 1,3")
        for shares in self.result("policies").shares(numa="preferred-many 1,2"):
            self.assertEqual((shares[0], shares[3]), (0, 0))

    def test_interleave_is_exact(self):
        self.assert_shares(self.result("policies"), [0.25] * 4, numa="interleave")
        self.assert_shares(self.result("policies"), [0, 0.5, 0, 0.5], numa="interleave 1,3")

    def test_first_touch_by_three_workers(self):
        for shares in self.result("crowd").shares(numa="default"):
            self.assertEqual(shares, [1 / 3, 1 / 3, 1 / 3, 0])

    def test_second_way(self):
        self.assert_second_way({"interleave:0-3": tuple(f"N{n}={PAGES // 4}" for n in range(4))})


class FourNodesNewer(FourNodes):
    needs = "6.12"
    stress_only = True

    @classmethod
    def files(cls):
        return [*super().files(), "--script", Path(__file__).parent / "weighted.sh"]

    def test_weighted_interleave_is_exact(self):
        weighted = lab.Result(self.folder / "out" / "weighted.json")
        self.assertEqual(weighted.outcomes(), {("ok", None)})
        # 4096 pages in turns of 5 + 1 + 1 + 1
        self.assert_shares(weighted, [0.625, 0.125, 0.125, 0.125], numa="weighted-interleave")
        self.assert_shares(weighted, [0, 0, 0.5, 0.5], numa="weighted-interleave 2,3")


if __name__ == "__main__":
    unittest.main()
