// A line or a ring in earth-centred space, ready to be asked for its nearest point.
//
// Each piece is a parabola through its two ends and its middle: start + s chord + s (1 - s) bulge, s from 0 to 1.
// A tree of capsules in line order skips what a capsule proves to be farther than the best found.
#pragma once

#include <cstdint>
#include <vector>

#include "geodesy.hpp"

namespace truceline {

// Of pieces that rise less than 5 cm above their chord (up to 1.6 km) the chord stands for the piece while searching:
// at 10 m from it that is a tenth of a millimetre, and at the ends, where pieces meet, nothing. The foot is then found
// on the piece itself, but for pieces that rise less than a tenth of a millimetre.
constexpr double kChordServesSq = 0.2 * 0.2;
constexpr double kStraightSq = 4e-4 * 4e-4;

struct Piece {
  Vec start, chord, bulge;
  double aa, ak, kk;  // dot products: chord chord, chord bulge, bulge bulge
  double per_aa;
  bool chord_serves, straight;

  Piece(Vec start_, Vec chord_, Vec bulge_)
      : start(start_), chord(chord_), bulge(bulge_), aa(std::max(dot(chord_, chord_), 1e-300)),
        ak(dot(chord_, bulge_)), kk(dot(bulge_, bulge_)), per_aa(1.0 / aa), chord_serves(kk < kChordServesSq),
        straight(kk < kStraightSq) {}
  Vec at(double s) const { return start + s * chord + (s * (1.0 - s)) * bulge; }
  Vec tangent(double s) const { return chord + (1.0 - 2.0 * s) * bulge; }
};

struct Nearest {
  int32_t index;
  double fraction;
  Vec foot;
  double signed_m;  // over the ground, positive to the left of the curve
};

class Curve {
 public:
  // Normals are the sums of the unit left normals that meet at the two ends of each piece.
  Curve(std::vector<Piece> pieces, std::vector<Vec> start_normals, std::vector<Vec> end_normals);

  // `hint` is the piece to look at first; any value gives the same answer.
  Nearest nearest(Vec p, int32_t hint) const;
  // Some pieces: at most two runs of them in line order.
  struct Few {
    int32_t first[2] = {0, 0}, last[2] = {0, 0};
    int32_t count() const { return last[0] - first[0] + last[1] - first[1]; }
  };
  // Runs that hold all these pieces (in line order), and perhaps a few more.
  static Few few(const std::vector<int32_t>& index);
  // How many of these pieces come within a distance.
  int count_within(Vec p, const Few& few, double distance_m) const;
  // The nearest where it is known to be one of these.
  Nearest nearest_among(Vec p, const Few& few) const;
  double distance_m(Vec p) const { return std::fabs(nearest(p, -1).signed_m); }
  // Adds, in line order, every piece that comes within a distance, and perhaps a few more.
  void pieces_within(Vec p, double distance_m, std::vector<int32_t>& out) const;
  // The distance to one piece, for bounds: never below the distance to the curve.
  double distance_to_piece_m(Vec p, int32_t index) const;
  // Where on the straight way from a to b, as a fraction of it, the curve is nearest; `hint` is looked at first.
  double nearest_fraction(Vec a, Vec b, int32_t hint) const;

  bool chord_serves(int32_t index) const { return pieces_[index].chord_serves; }
  int32_t pieces_count() const { return static_cast<int32_t>(pieces_.size()); }
  Vec centre() const { return centre_; }
  double radius_m() const { return radius_m_; }

 private:
  // Four children side by side: each lies within `radius` of the straight way from its first place to its last.
  // Metres from the centre, in single precision, radii rounded up.
  struct Node {
    float start[3][4], way[3][4], per_way_sq[4], radius[4];
    int32_t first[4], last[4];  // pieces [first, last), or -1 - node in first
  };
  int32_t build(int32_t first, int32_t last);
  double reach_of(int32_t first, int32_t last) const;
  struct At {
    float p[3];
    float slop;  // what single precision may add to a distance from here
  };
  At at(Vec p) const;
  // Distances to the four children, none above the true one.
  static void least_distances(const Node& node, const At& at, float* out);
  Nearest settled(Vec p, int32_t best, double fraction) const;
  void offer(Vec p, int32_t index, double& best_sq, int32_t& best, double& fraction) const;

  std::vector<Piece> pieces_;
  std::vector<double> columns_;  // the pieces side by side: start x y z, chord x y z, chord chord, 1 / chord chord
  std::vector<int32_t> bent_before_;  // how many pieces before each are not straight
  std::vector<Vec> start_normals_, end_normals_;
  std::vector<Node> nodes_;
  Vec centre_{};
  double radius_m_ = 0.0;
};

}  // namespace truceline
