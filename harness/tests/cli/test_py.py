# SPDX-License-Identifier: MIT
import unittest
class T(unittest.TestCase):
    def test_a(self): pass
    def test_b(self):
        """With words."""
        self.skipTest("no swap")
    @unittest.skip("never")
    def test_c(self): pass
